namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Which segment a scrub reads next, when, and how fast: a pure function of when each was last read, so that a restart loses nothing.
/// docs/spec/audit.md, "Scrub".
/// </summary>
internal static class ScrubSchedule
{
    // Parts of the period: when a segment is begun again, by when it is read to its end; the rest is for nodes that are down or busy.
    private const double Begun = 0.85;
    private const double Ended = 0.95;

    /// <summary>Plans the next step; null when nothing is held.</summary>
    /// <param name="segments">Every segment with live bytes: number, bytes, age of its last check in milliseconds, null for unknown.</param>
    /// <param name="periodMs">Within which every byte is to be read again, in milliseconds.</param>
    /// <param name="floor">Bytes a second, at least.</param>
    /// <param name="ceiling">Bytes a second, at most; 0 for no limit. Wins over the floor.</param>
    public static ScrubStep? Next(
        IEnumerable<(uint Number, long Bytes, long? AgeMs)> segments, long periodMs, long floor, long ceiling)
    {
        (uint Number, long Bytes, double AgeMs)[] order =
        [
            .. segments.Where(static segment => segment.Bytes > 0)
                .Select(static segment => (segment.Number, segment.Bytes, AgeMs: (double?)segment.AgeMs ?? double.MaxValue))
                .OrderByDescending(static segment => segment.AgeMs).ThenBy(static segment => segment.Number),
        ];
        if (order.Length == 0)
            return null;
        double total = 0;
        foreach ((_, long bytes, _) in order)
            total += bytes;
        double even = total / Math.Max(1, periodMs * Begun); // bytes a millisecond that read everything once, without haste or rest

        // Oldest first. Each must begin in time, when those before it are read evenly: that says how long there is to rest. Each must end
        // in time: that says how fast.
        double needed = even, rest = double.MaxValue, sum = 0;
        foreach ((_, long bytes, double ageMs) in order)
        {
            rest = Math.Min(rest, (periodMs * Begun) - ageMs - (sum / even));
            sum += bytes;
            double leftMs = (periodMs * Ended) - ageMs;
            needed = Math.Max(needed, leftMs <= 0 ? double.MaxValue : sum / leftMs);
        }
        double rate = Math.Max(floor, Math.Min(needed * 1000, long.MaxValue / 2));
        if (ceiling > 0)
            rate = Math.Min(rate, ceiling);
        return new ScrubStep(
            order[0].Number,
            (long)Math.Clamp(Math.Floor(rest), 0, int.MaxValue),
            needed >= double.MaxValue && ceiling == 0 ? 0 : Math.Max(1, (long)rate));
    }
}
