namespace Megatorrent.Core.Wire;

/// <summary>The text of roles, and what each role may do.</summary>
public static class RoleExtensions
{
    /// <summary>The role as certificates spell it: "reader", "writer", "node" or "admin".</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="role"/> is no role.</exception>
    public static string ToText(this Role role) => role switch
    {
        Role.Reader => "reader",
        Role.Writer => "writer",
        Role.Node => "node",
        Role.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "Not a role."),
    };

    /// <summary>Reads a role's text, exactly as <see cref="ToText"/> gives it; false when it is anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Role role)
    {
        role = text switch
        {
            "reader" => Role.Reader,
            "writer" => Role.Writer,
            "node" => Role.Node,
            "admin" => Role.Admin,
            _ => default,
        };
        return role != default;
    }

    /// <summary>Whether the role may fetch blobs and descriptors: every role.</summary>
    public static bool MayRead(this Role role) => role is Role.Reader or Role.Writer or Role.Node or Role.Admin;

    /// <summary>Whether the role may store: writers, nodes (they repair) and admins.</summary>
    public static bool MayWrite(this Role role) => role is Role.Writer or Role.Node or Role.Admin;

    /// <summary>Whether the role may take part in the membership and be trusted with blobs: nodes and admins.</summary>
    public static bool MayServe(this Role role) => role is Role.Node or Role.Admin;

    /// <summary>Whether the role may make invitations and certificates of its own authority: admins.</summary>
    public static bool MayAdminister(this Role role) => role is Role.Admin;
}
