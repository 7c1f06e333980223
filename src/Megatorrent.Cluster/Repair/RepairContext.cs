using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Repair;

/// <summary>What every part of repair works with; lives as long as the service.</summary>
internal sealed class RepairContext
{
    /// <summary>When and how fast.</summary>
    public required RepairOptions Options { get; init; }

    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>This node's blobs and descriptors.</summary>
    public required BlobStore Store { get; init; }

    /// <summary>The other members.</summary>
    public required IRepairPeers Peers { get; init; }

    /// <summary>Which of several sources is the better; null: they are all alike.</summary>
    public IPeerScores? Scores { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Runs hashing and decoding.</summary>
    public required IWorkExecutor Executor { get; init; }

    /// <summary>The log.</summary>
    public required EventLog Log { get; init; }

    /// <summary>The numbers that the status shows.</summary>
    public required RepairProgress Progress { get; init; }

    /// <summary>Bytes a second over the network.</summary>
    public required RateLimiter Rate { get; init; }

    /// <summary>Bytes of blobs in memory.</summary>
    public required MemoryBudget Memory { get; init; }

    /// <summary>Stripes that clients are storing just now.</summary>
    public required YoungStripes Young { get; init; }

    /// <summary>What it costs to fetch from each member.</summary>
    public required SourceLoad Sources { get; init; }

    /// <summary>What must not be deleted now, and what is being deleted.</summary>
    public required SurplusLedger Surplus { get; init; }

    /// <summary>Nonces.</summary>
    public required IRandomSource Random { get; init; }

    /// <summary>What else goes with a stripe, once the node's services are there.</summary>
    public IStripeCompanions? Companions { get; set; }

    /// <summary>Whether nobody keeps a stripe any more: what is missing of it is being collected.</summary>
    public bool IsEnded(BlobId stripe) => Companions?.IsEnded(stripe) == true;

    /// <summary>Members whose store was full, which get nothing for a while.</summary>
    public required FullMembers Full { get; init; }

    /// <summary>What is known of the future; null for nothing.</summary>
    public IRepairHints? Hints { get; set; }

    /// <summary>Whether a member is likely to fail soon.</summary>
    public bool IsLikelyToFail(NodeId id) => Hints?.LikelyToFail.Contains(id) == true;
}
