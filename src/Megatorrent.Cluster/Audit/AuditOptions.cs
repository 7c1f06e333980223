namespace Megatorrent.Cluster.Audit;

/// <summary>How a node checks its own blobs and those of others. The period and the highest rate of a scrub are the node's.</summary>
public sealed record AuditOptions
{
    /// <summary>
    /// Bytes a second that a scrub reads at least while it runs; it rests in between. Default 1 MiB/s: a small store is read in short
    /// sittings, so that a disk may sleep.
    /// </summary>
    public long ScrubFloorBytesPerSecond { get; init; } = 1L << 20;

    /// <summary>Between two audits of the same member by this node, in milliseconds, on average; 0 audits nobody. Default 6 min.</summary>
    public long PeerPeriodMs { get; init; } = 6 * 60 * 1000;

    /// <summary>
    /// Bytes a day of blobs that audits fetch from others, as an average; an hour's worth at once. Default 1 GiB a day: 12 KB/s.
    /// </summary>
    public long FetchBytesPerDay { get; init; } = 1L << 30;

    /// <summary>How long a member may take to answer an audit, in milliseconds. Default 10 s.</summary>
    public int AnswerTimeoutMs { get; init; } = 10_000;

    /// <summary>
    /// Audits in a row without an answer after which a member is suspended. Default 3: one lost packet or a restart suspends nobody.
    /// </summary>
    public int SuspendAfter { get; init; } = 3;

    /// <summary>
    /// How long a member stays suspended after a wrong answer that proves nothing to others, in milliseconds. Default 24 h.
    /// </summary>
    public long WrongSuspensionMs { get; init; } = 24L * 60 * 60 * 1000;

    /// <summary>Between two questions to a random member about whom it expelled, in milliseconds. Default 1 h.</summary>
    public long ExpulsionPullMs { get; init; } = 60 * 60 * 1000;

    /// <summary>
    /// Until an accusation whose blobs could not be had is looked at again, in milliseconds. Default 10 min; dropped after five times.
    /// </summary>
    public int RejudgeMs { get; init; } = 600_000;

    /// <summary>
    /// Age in milliseconds past which evidence of a blob counts as too old. Default 8 days: the period of a scrub and a day.
    /// </summary>
    public long EvidenceMaxAgeMs { get; init; } = 8L * 24 * 60 * 60 * 1000;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ScrubFloorBytesPerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(PeerPeriodMs);
        ArgumentOutOfRangeException.ThrowIfNegative(FetchBytesPerDay);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnswerTimeoutMs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SuspendAfter, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(WrongSuspensionMs);
        ArgumentOutOfRangeException.ThrowIfLessThan(ExpulsionPullMs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RejudgeMs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EvidenceMaxAgeMs, 1);
    }
}
