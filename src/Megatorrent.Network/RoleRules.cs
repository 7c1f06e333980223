using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network;

/// <summary>
/// Which role may send what. No certificate: ping and join. Reader: also get, want, find, status, notice. Writer: also store. Node: also
/// gossip and probe. Admin: everything.
/// </summary>
public static class RoleRules
{
    /// <summary>
    /// Whether a peer of <paramref name="role"/> (null: without a certificate) may send requests of <paramref name="type"/>.
    /// </summary>
    public static bool IsAllowed(Role? role, MessageType type) => type switch
    {
        MessageType.Hello or MessageType.Ping or MessageType.Cancel or MessageType.Join => true,
        MessageType.Get or MessageType.Want or MessageType.Find or MessageType.Status or MessageType.Notice =>
            role is Role.Reader or Role.Writer or Role.Node or Role.Admin,
        MessageType.Store => role is Role.Writer or Role.Node or Role.Admin,
        MessageType.Gossip or MessageType.Probe => role is Role.Node or Role.Admin,
        _ => role is Role.Admin,
    };

    /// <summary>Lets a request of <paramref name="type"/> from <paramref name="peer"/> pass, or says which role it takes.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unauthorized"/>: the peer's role may not send it.</exception>
    public static void Require(PeerIdentity peer, MessageType type)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (IsAllowed(peer.Role, type))
            return;
        string needed = IsAllowed(Role.Reader, type) ? "a reader's" : IsAllowed(Role.Writer, type) ? "a writer's"
            : IsAllowed(Role.Node, type) ? "a node's" : "an admin's";
        string shown = peer.Role switch
        {
            Role.Reader => "this one is a reader's",
            Role.Writer => "this one is a writer's",
            Role.Node => "this one is a node's",
            _ => "none was shown; join the cluster with an invitation first",
        };
        throw new MegatorrentException(ErrorKind.Unauthorized,
            $"A {type.ToString().ToLowerInvariant()} request needs {needed} certificate or a higher one; {shown}.");
    }

    /// <summary>Whether a peer that we connected to may be trusted to answer as a member of the cluster: nodes and admins.</summary>
    public static bool MayServe(PeerIdentity peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer.Role is Role.Node or Role.Admin;
    }
}
