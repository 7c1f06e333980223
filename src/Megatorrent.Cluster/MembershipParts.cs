using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster;

/// <summary>What <see cref="Membership"/> works with.</summary>
internal sealed class MembershipParts
{
    /// <summary>Timings and limits.</summary>
    public required MembershipOptions Options { get; init; }

    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>This node's record at an incarnation, signed.</summary>
    public required Func<long, NodeRecord> Sign { get; init; }

    /// <summary>The cluster's Ed25519 public key, 32 bytes.</summary>
    public required byte[] ClusterKey { get; init; }

    /// <summary>Where to ask for the cluster until somebody answers.</summary>
    public required IReadOnlyList<string> JoinEndpoints { get; init; }

    /// <summary>The node's connections.</summary>
    public required ConnectionPool Pool { get; init; }

    /// <summary>Where the members are remembered.</summary>
    public required NodeFile Store { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The order of pings, the choice of helpers, jitter.</summary>
    public required IRandomSource Random { get; init; }

    /// <summary>The log.</summary>
    public required EventLog Log { get; init; }
}
