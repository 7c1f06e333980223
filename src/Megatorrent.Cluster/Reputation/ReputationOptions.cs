using Megatorrent.Core;

namespace Megatorrent.Cluster.Reputation;

/// <summary>How a node scores others. Immutable.</summary>
public sealed record ReputationOptions
{
    /// <summary>Milliseconds between looks at who lives and how they answer. Default 10 s.</summary>
    public int SamplePeriodMs { get; init; } = 10_000;

    /// <summary>Milliseconds between exchanges of opinions, each with two members. Default 60 s: news of scores need not be fast.</summary>
    public int SharePeriodMs { get; init; } = 60_000;

    /// <summary>
    /// Milliseconds after which evidence counts half. Default 24 h: a member that has mended its ways is well thought of within days.
    /// </summary>
    public long HalfLifeMs { get; init; } = 24L * 60 * 60 * 1000;

    /// <summary>
    /// Milliseconds for which a member is a newcomer, whose opinions together count no more than <see cref="NewcomerShare"/>. Default 24 h.
    /// </summary>
    public long NewcomerMs { get; init; } = 24L * 60 * 60 * 1000;

    /// <summary>The share of what is heard about a member that all newcomers together may have, from 0 to below 1. Default one fifth.</summary>
    public double NewcomerShare { get; init; } = 0.2;

    /// <summary>Checks that the values make sense.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: which does not.</exception>
    public void Validate()
    {
        if (SamplePeriodMs < 1 || SharePeriodMs < 1 || HalfLifeMs < 1 || NewcomerMs < 0 || !(NewcomerShare is >= 0 and < 1))
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument,
                "The periods of reputation are at least 1 ms, and the share of newcomers is at least 0 and below 1.");
        }
    }
}
