namespace Megatorrent.Storage;

/// <summary>How a scrub runs.</summary>
public sealed record ScrubOptions
{
    /// <summary>Bytes read a second at the most, 0 (the default) for as fast as the disk allows.</summary>
    public long RateBytesPerSecond { get; init; }

    /// <summary>
    /// Asked before each record for a rate above 0 that holds from then on instead, in bytes a second; null (the answer, or the whole): the
    /// rate above.
    /// </summary>
    public Func<long?>? RateNow { get; init; }

    /// <summary>Told after each record, on the thread of the scrub; null for no reports.</summary>
    public Action<ScrubProgress>? Progress { get; init; }
}
