using Megatorrent.Core;

namespace Megatorrent.Network.Health;

/// <summary>The figures of a pool's peers, by endpoint; bounded. Thread-safe.</summary>
internal sealed class PeerHealthTable(HealthOptions options, TimeProvider time, IRandomSource random)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PeerHealth> _peers = [];

    /// <summary>All figures.</summary>
    public PeerFigures[] All
    {
        get
        {
            PeerHealth[] peers;
            lock (_gate)
                peers = [.. _peers.Values];
            return Array.ConvertAll(peers, static peer => peer.Figures);
        }
    }

    /// <summary>The figures of a peer, made when there are none.</summary>
    public PeerHealth Of(string endpoint)
    {
        lock (_gate)
        {
            if (_peers.TryGetValue(endpoint, out PeerHealth? health))
                return health;
            if (_peers.Count >= options.MaxPeers)
                _peers.Remove(_peers.Values.MinBy(static peer => peer.LastUsed)!.Endpoint);
            _peers.Add(endpoint, health = new PeerHealth(endpoint, options, time, random));
            return health;
        }
    }
}
