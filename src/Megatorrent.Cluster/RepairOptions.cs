namespace Megatorrent.Cluster;

/// <summary>When and how fast a node repairs.</summary>
public sealed record RepairOptions
{
    /// <summary>
    /// How long a member may be dead before its blobs are rebuilt elsewhere, in milliseconds. Default 10 min: a reboot costs no traffic.
    /// </summary>
    public long GraceMs { get; init; } = 10 * 60 * 1000;

    /// <summary>Between two cycles when nothing happens, in milliseconds. Default 1 h.</summary>
    public long PeriodMs { get; init; } = 60 * 60 * 1000;

    /// <summary>
    /// The same while everything is settled and the comparison with the other members finds no difference, in milliseconds. Default 24 h:
    /// a full survey is then only a safety net.
    /// </summary>
    public long QuietPeriodMs { get; init; } = 24L * 60 * 60 * 1000;

    /// <summary>
    /// From the first sign that a blob is here although it need not be to its deletion, and from the last time that anybody stored it or
    /// asked for it, in milliseconds; begins anew with every change of the membership. Default 15 min: longer than the grace time, so that
    /// a member that comes and goes moves nothing twice.
    /// </summary>
    public long SurplusWaitMs { get; init; } = 15 * 60 * 1000;

    /// <summary>From a reason to repair to the cycle, in milliseconds, so that several reasons are one cycle. Default 1 s.</summary>
    public int DebounceMs { get; init; } = 1000;

    /// <summary>
    /// How long a stripe is left alone after a client stored the first of its blobs, in milliseconds: the others may be on the way.
    /// Default 5 s.
    /// </summary>
    public int PutSettleMs { get; init; } = 5000;

    /// <summary>
    /// From a client's put to the cycle that looks whether everything arrived, in milliseconds, at least twenty times as long as the last
    /// cycle took. Default 30 s.
    /// </summary>
    public int ConfirmPutsMs { get; init; } = 30_000;

    /// <summary>The first pause after a cycle that left something undone, in milliseconds; doubles up to the period. Default 5 s.</summary>
    public int RetryMs { get; init; } = 5000;

    /// <summary>Bytes a second that repair fetches and stores, 0 for no limit. Default 0.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>
    /// The least that the rate can be set to while the node runs, bytes a second. Default 1 MiB/s: repair must come to an end.
    /// </summary>
    public long LeastBytesPerSecond { get; init; } = 1024 * 1024;

    /// <summary>The most that the rate can be set to while the node runs, bytes a second; 0 for no bound. Default 0.</summary>
    public long MostBytesPerSecond { get; init; }

    /// <summary>Stripes restored at once. Default 4.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>
    /// Bytes of blobs in memory at once, over all stripes being restored; a larger stripe is restored alone. Default 64 MiB.
    /// </summary>
    public long MemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Stripes examined at once. Default 256: at most 65 thousand ids under way.</summary>
    public int BatchStripes { get; init; } = 256;

    /// <summary>A rate brought within what may be set while the node runs.</summary>
    /// <param name="bytesPerSecond">The rate; 0 for no limit.</param>
    internal long ClampRate(long bytesPerSecond)
    {
        if (bytesPerSecond <= 0)
            return MostBytesPerSecond;
        long rate = Math.Max(bytesPerSecond, LeastBytesPerSecond);
        return MostBytesPerSecond > 0 ? Math.Min(rate, MostBytesPerSecond) : rate;
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(GraceMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PeriodMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(QuietPeriodMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SurplusWaitMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(LeastBytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(MostBytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(DebounceMs);
        ArgumentOutOfRangeException.ThrowIfNegative(PutSettleMs);
        ArgumentOutOfRangeException.ThrowIfNegative(ConfirmPutsMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RetryMs);
        ArgumentOutOfRangeException.ThrowIfNegative(BytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Concurrency);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MemoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchStripes);
    }
}
