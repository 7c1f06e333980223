using System.Collections.Concurrent;
using System.Globalization;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// Watches what peers ask of this node, flags those whose requests are odd, and slows these (docs/spec/reputation.md, "Traffic"). Ping,
/// gossip and probe pass unseen: membership is never slowed. Bounded: 1024 peers of 1.5 KiB. Thread-safe; a request costs a look-up and a
/// lock of its peer, and allocates nothing.
/// </summary>
internal sealed class TrafficMonitor(TrafficOptions options, TimeProvider time) : ISuspicions, IPeerEvidence
{
    /// <summary>Peers that are watched; of more, the one that was heard longest ago and is not flagged is forgotten.</summary>
    public const int MaxPeers = 1024;

    private readonly ConcurrentDictionary<NodeId, PeerTraffic> _peers = new();

    /// <inheritdoc/>
    public event Action<Suspicion>? Flagged;

    /// <inheritdoc/>
    public event Action<NodeId>? Released;

    /// <summary>The strangers that come to join.</summary>
    public JoinSources Joins { get; } = new(options, time);

    /// <summary>Peers watched.</summary>
    public int PeerCount => _peers.Count;

    /// <summary>Requests turned away because their peer is flagged.</summary>
    public long Throttled => _peers.Values.Sum(static peer => peer.Throttled);

    /// <inheritdoc/>
    public IReadOnlyList<Suspicion> Current =>
        [.. _peers.Values.Select(static peer => peer.Suspicion).OfType<Suspicion>().OrderBy(static suspicion => suspicion.Peer)];

    /// <inheritdoc/>
    public bool IsFlagged(NodeId peer) => _peers.TryGetValue(peer, out PeerTraffic? traffic) && traffic.Suspicion is not null;

    /// <summary>A request begins; null when it is not watched.</summary>
    /// <exception cref="MegatorrentException">LimitExceeded: the peer is slowed; the text says why, and until when.</exception>
    public PeerTraffic? Begin(PeerIdentity peer, MessageType type)
    {
        if (type is MessageType.Ping or MessageType.Gossip or MessageType.Probe)
            return null;
        if (peer.Role is not { } role)
        {
            if (type == MessageType.Join && !Joins.TryJoin(peer.Id))
                throw new MegatorrentException(ErrorKind.LimitExceeded, "Too many have wanted to join from there lately; try again in a few seconds.");
            return null;
        }
        PeerTraffic traffic = Of(peer.Id, role);
        if (traffic.TryBegin())
            return traffic;
        Suspicion? suspicion = traffic.Suspicion;
        throw new MegatorrentException(ErrorKind.LimitExceeded, string.Create(
            CultureInfo.InvariantCulture,
            $"This node answers {peer.Id.ToShortString()} only slowly: {suspicion?.Reason}; until {suspicion?.Until.UtcDateTime:HH:mm:ss}Z at least."));
    }

    /// <inheritdoc/>
    public void Observed(NodeId member, PeerEvidence evidence) => Of(member, Role.Node).Observed(evidence);

    /// <summary>Ends the interval for every peer, and tells of what is new.</summary>
    public void Close()
    {
        foreach (PeerTraffic peer in _peers.Values.OrderBy(static peer => peer.Id))
        {
            if (peer.Close(out bool released) is { } suspicion)
                Flagged?.Invoke(suspicion);
            if (released)
                Released?.Invoke(peer.Id);
        }
    }

    private PeerTraffic Of(NodeId id, Role role)
    {
        if (_peers.TryGetValue(id, out PeerTraffic? known))
            return known;
        while (_peers.Count >= MaxPeers)
        {
            PeerTraffic? oldest = _peers.Values.MinBy(static peer => (peer.Suspicion is null ? 0 : 1, peer.LastSeen));
            if (oldest is null || !_peers.TryRemove(oldest.Id, out _))
                break;
        }
        return _peers.GetOrAdd(id, static (id, state) => new PeerTraffic(id, state.role, state.options, state.time), (role, options, time));
    }
}
