namespace Megatorrent.Core.Wire;

/// <summary>
/// What a certificate's holder may do in the cluster; see <see cref="RoleExtensions"/>. The numbers are frozen (a test holds them); on
/// the wire and in certificates a role is its text.
/// </summary>
public enum Role : byte
{
    /// <summary>Fetches blobs, descriptors and status: "reader".</summary>
    Reader = 1,

    /// <summary>What a reader may, and stores: "writer".</summary>
    Writer = 2,

    /// <summary>What a writer may (repair stores too), takes part in the membership, and admits who holds an invitation: "node".</summary>
    Node = 3,

    /// <summary>Everything, and makes invitations and certificates of every other role: "admin".</summary>
    Admin = 4,
}
