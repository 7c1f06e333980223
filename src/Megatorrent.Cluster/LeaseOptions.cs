using Megatorrent.Core;

namespace Megatorrent.Cluster;

/// <summary>When a node deletes what nobody keeps any more. Immutable.</summary>
public sealed record LeaseOptions
{
    private const long DayMs = 24L * 60 * 60 * 1000;

    /// <summary>Whether the node collects at all. Default true.</summary>
    public bool Collect { get; init; } = true;

    /// <summary>
    /// Whether stripes that no lease was ever known for are collected too. Default false: what older clients put has no lease.
    /// </summary>
    public bool CollectOrphans { get; init; }

    /// <summary>
    /// From the end of a stripe's last lease, and from the last time that somebody stored it or a blob of it, to its deletion, in
    /// milliseconds. Default 7 days: longer than any put takes, and time to think again.
    /// </summary>
    public long SafetyMs { get; init; } = 7 * DayMs;

    /// <summary>The same for stripes that never had a lease, in milliseconds. Default 14 days.</summary>
    public long OrphanMs { get; init; } = 14 * DayMs;

    /// <summary>Between two looks for what may be deleted, in milliseconds. Default 1 h.</summary>
    public long CollectPeriodMs { get; init; } = 60 * 60 * 1000;

    /// <summary>
    /// Between two comparisons of leases with the other holders, in milliseconds, besides one at each start. Default 6 h: each costs 40 bytes a
    /// stripe and member.
    /// </summary>
    public long ExchangePeriodMs { get; init; } = 6 * 60 * 60 * 1000;

    /// <summary>Bytes a second of that comparison, 0 for no limit. Default 1 MiB/s.</summary>
    public long ExchangeBytesPerSecond { get; init; } = 1024 * 1024;

    /// <summary>
    /// How far clocks may be apart, in milliseconds: a lease counts that much longer, and a clock that is further from any other member's
    /// stops collection. Default 5 min, as for certificates.
    /// </summary>
    public long ClockSkewMs { get; init; } = 5 * 60 * 1000;

    /// <summary>The most stripes that one look deletes. Default 1024: at the default period some 100 GiB a day of the default scheme.</summary>
    public int MaxStripesPerCycle { get; init; } = 1024;

    /// <summary>
    /// How long an ended lease is remembered of which no stripe is here any more, in milliseconds, so that a node that was away does not bring
    /// back what was forgotten. Default 91 days.
    /// </summary>
    public long EndedKeptMs { get; init; } = 91 * DayMs;

    /// <summary>
    /// The most leases remembered, some 500 bytes each. Default 4 million. When it is reached, ended ones of which no stripe is here make room,
    /// those that ended first before the others; when there are none, no more are taken.
    /// </summary>
    public int MaxLeases { get; init; } = 4_000_000;

    /// <summary>Checks the values.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: which one is wrong.</exception>
    internal void Validate()
    {
        if (SafetyMs < 1 || OrphanMs < 1 || EndedKeptMs < 1 || CollectPeriodMs < 1 || ExchangePeriodMs < 1)
            throw new MegatorrentException(ErrorKind.InvalidArgument, "The periods of leases and their collection must be more than zero.");
        if (ClockSkewMs < 0 || ExchangeBytesPerSecond < 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, "The clock skew and the rate of leases cannot be negative.");
        if (MaxStripesPerCycle is < 1 or > 4096 || MaxLeases < 1)
            throw new MegatorrentException(ErrorKind.InvalidArgument, "Collection takes 1 to 4096 stripes at once, and at least one lease.");
    }
}
