namespace Megatorrent.Cluster;

/// <summary>When a node compares what it holds with what the others hold (docs/spec/repair.md, "Anti-entropy").</summary>
public sealed record EntropyOptions
{
    /// <summary>
    /// Between two comparisons, in milliseconds; 0 never compares by itself. Default 10 min: one that finds nothing costs kilobytes.
    /// </summary>
    public long PeriodMs { get; init; } = 10 * 60 * 1000;

    /// <summary>From a change of the membership to a comparison, in milliseconds, so that several changes are one. Default 30 s.</summary>
    public int SettleMs { get; init; } = 30_000;

    /// <summary>
    /// How long a member may take to answer one question, in milliseconds. Default 60 s: it may have to read every descriptor.
    /// </summary>
    public int AnswerTimeoutMs { get; init; } = 60_000;

    /// <summary>
    /// Different stripes that one comparison follows to the end. Default 4096; where more differ, a full survey by repair is cheaper.
    /// </summary>
    public int DifferencesMax { get; init; } = 4096;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(PeriodMs);
        ArgumentOutOfRangeException.ThrowIfNegative(SettleMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(AnswerTimeoutMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(DifferencesMax);
    }
}
