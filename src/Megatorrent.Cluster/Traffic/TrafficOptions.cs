using Megatorrent.Core;

namespace Megatorrent.Cluster.Traffic;

/// <summary>How a node watches the requests of others, and what it does about odd ones. Immutable.</summary>
public sealed record TrafficOptions
{
    /// <summary>Milliseconds that are counted together. Default 10 s.</summary>
    public int IntervalMs { get; init; } = 10_000;

    /// <summary>Requests a second that a flagged node may make. Default 50: enough for it to take part in repair, slowly.</summary>
    public double NodeRate { get; init; } = 50;

    /// <summary>Requests a second that a flagged reader or writer may make. Default 20.</summary>
    public double ClientRate { get; init; } = 20;

    /// <summary>Seconds of that rate that may be saved up. Default 2.</summary>
    public double BurstSeconds { get; init; } = 2;

    /// <summary>
    /// Milliseconds that a request of a flagged peer waits at most for its turn; one that would wait longer is turned away. Default 5 s:
    /// who only reads oddly reads slowly, and no read fails.
    /// </summary>
    public int LongestWaitMs { get; init; } = 5_000;

    /// <summary>Milliseconds without anything odd after which a flag is taken back; doubled each time the peer is flagged again. Default 10 min.</summary>
    public long QuietMs { get; init; } = 10 * 60 * 1000;

    /// <summary>The longest such time, in milliseconds. Default 6 h.</summary>
    public long MaxQuietMs { get; init; } = 6L * 60 * 60 * 1000;

    /// <summary>Joins a minute from one host above which more are slowed. Default 30: a rack that is switched on.</summary>
    public int JoinsPerMinute { get; init; } = 30;

    /// <summary>Checks that the values make sense.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: they do not.</exception>
    public void Validate()
    {
        if (IntervalMs < 1 || QuietMs < 1 || MaxQuietMs < QuietMs || JoinsPerMinute < 1 || LongestWaitMs < 0
            || !(NodeRate > 0 && ClientRate > 0 && BurstSeconds > 0))
            throw new MegatorrentException(ErrorKind.InvalidArgument, "The times and rates of the traffic analysis are above 0.");
    }
}
