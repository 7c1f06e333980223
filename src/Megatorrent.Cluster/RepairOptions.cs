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

    /// <summary>Stripes restored at once. Default 4.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>
    /// Bytes of blobs in memory at once, over all stripes being restored; a larger stripe is restored alone. Default 64 MiB.
    /// </summary>
    public long MemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Stripes examined at once. Default 256: at most 65 thousand ids under way.</summary>
    public int BatchStripes { get; init; } = 256;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(GraceMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PeriodMs);
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
