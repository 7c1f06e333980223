using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Traffic;

/// <summary>Whom the traffic analysis has flagged; for the audit, which looks at them more often. Thread-safe.</summary>
internal interface ISuspicions
{
    /// <summary>A peer was flagged, or flagged again for another reason. Handlers must be quick and must not throw.</summary>
    event Action<Suspicion>? Flagged;

    /// <summary>A peer's flag was taken back.</summary>
    event Action<NodeId>? Released;

    /// <summary>The flagged peers now.</summary>
    IReadOnlyList<Suspicion> Current { get; }

    /// <summary>Whether a peer is flagged.</summary>
    bool IsFlagged(NodeId peer);
}
