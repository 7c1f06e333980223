using Megatorrent.Core;

namespace Megatorrent.Network.Health;

/// <summary>When a peer that fails is left alone, and for how long. Immutable.</summary>
public sealed record HealthOptions
{
    /// <summary>
    /// Milliseconds of the past that count. Default 30 s: as long as a request may be silent, so that the requests of one stall are seen
    /// together.
    /// </summary>
    public int WindowMs { get; init; } = 30_000;

    /// <summary>Requests in the window below which nothing is concluded. Default 8: a few losses are no pattern.</summary>
    public int MinimumRequests { get; init; } = 8;

    /// <summary>Share of the window's requests that must have failed, above 0 up to 1. Default one half.</summary>
    public double FailureShare { get; init; } = 0.5;

    /// <summary>Milliseconds that the breaker stays open the first time; doubled each time that the probe fails. Default 1 s.</summary>
    public int FirstOpenMs { get; init; } = 1_000;

    /// <summary>The longest such time, in milliseconds. Default 60 s: a peer that is back serves again within a minute.</summary>
    public int MaxOpenMs { get; init; } = 60_000;

    /// <summary>Peers that a pool keeps figures of; beyond it the one that was used longest ago is forgotten. Default 2048, 2 KiB each.</summary>
    public int MaxPeers { get; init; } = 2_048;

    /// <summary>Checks that the values make sense.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.InvalidArgument"/> naming the first that does not.</exception>
    public void Validate()
    {
        if (WindowMs < PeerHealth.Buckets || MinimumRequests < 1 || MaxPeers < 1)
            throw Invalid($"a window of {WindowMs} ms, {MinimumRequests} requests at least, {MaxPeers} peers at most");
        if (!(FailureShare is > 0 and <= 1))
            throw Invalid($"a share of failures of {FailureShare}; it is above 0 and at most 1");
        if (FirstOpenMs < 1 || MaxOpenMs < FirstOpenMs)
            throw Invalid($"open for {FirstOpenMs} ms at first and {MaxOpenMs} ms at most");
    }

    private static MegatorrentException Invalid(string fault) =>
        new(ErrorKind.InvalidArgument, $"The health options make no sense: {fault}.");
}
