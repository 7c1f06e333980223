using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Wire;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Leases;

/// <summary>What every part of the lease service works with; lives as long as the service.</summary>
internal sealed class LeaseContext
{
    /// <summary>Periods and limits.</summary>
    public required LeaseOptions Options { get; init; }

    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>The cluster's Ed25519 public key, 32 bytes.</summary>
    public required byte[] ClusterKey { get; init; }

    /// <summary>This node's blobs and descriptors.</summary>
    public required BlobStore Store { get; init; }

    /// <summary>The other members.</summary>
    public required ILeasePeers Peers { get; init; }

    /// <summary>What is promised to others that delete surplus, and touched.</summary>
    public required SurplusLedger Surplus { get; init; }

    /// <summary>A clock that never goes back.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The node's log.</summary>
    public required EventLog Log { get; init; }

    /// <summary>Its leases.</summary>
    public required LeaseTable Table { get; init; }

    /// <summary>Where they are remembered.</summary>
    public required LeaseLog Memory { get; init; }

    /// <summary>The clock, in Unix ms.</summary>
    public long NowUnixMs => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
