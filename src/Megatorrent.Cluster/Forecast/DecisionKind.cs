namespace Megatorrent.Cluster.Forecast;

/// <summary>What a decision is about. The numbers are persisted and keep their meaning.</summary>
internal enum DecisionKind : byte
{
    /// <summary>The share of its weight that the node advertises, in millionths.</summary>
    Weight = 1,

    /// <summary>How fast the store is scrubbed, in bytes a second.</summary>
    ScrubRate = 2,

    /// <summary>Whether a member is likely to fail: 1 or 0.</summary>
    Risk = 3,
}
