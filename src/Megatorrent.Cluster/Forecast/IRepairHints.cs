using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Forecast;

/// <summary>What repair may know of the future. Thread-safe, and quick.</summary>
internal interface IRepairHints
{
    /// <summary>
    /// Members that are likely to fail soon: what only they hold is copied elsewhere while they live, their stripes are repaired first, and
    /// nobody waits for their return.
    /// </summary>
    IReadOnlySet<NodeId> LikelyToFail { get; }
}
