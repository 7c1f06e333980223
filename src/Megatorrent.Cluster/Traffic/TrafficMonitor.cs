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

    /// <summary>A request comes.</summary>
    /// <returns>How long it has to wait.</returns>
    /// <exception cref="MegatorrentException">
    /// LimitExceeded: the peer is slowed, and too many of its requests wait already; the text says why, and until when.
    /// </exception>
    public TimeSpan Admit(PeerIdentity peer, MessageType type)
    {
        if (peer.Role is null && type == MessageType.Join && !Joins.TryJoin(peer.Id))
            throw new MegatorrentException(ErrorKind.LimitExceeded, "Too many have wanted to join from there lately; try again in a few seconds.");
        if (Watch(peer, type) is not { } traffic)
            return TimeSpan.Zero;
        if (traffic.TryBegin(out TimeSpan wait))
            return wait;
        Suspicion? suspicion = traffic.Suspicion;
        throw new MegatorrentException(ErrorKind.LimitExceeded, string.Create(
            CultureInfo.InvariantCulture,
            $"This node answers {peer.Id.ToShortString()} only slowly: {suspicion?.Reason}; until {suspicion?.Until.UtcDateTime:HH:mm:ss}Z at least."));
    }

    /// <summary>Where the requests of a peer are counted; null when they are not.</summary>
    public PeerTraffic? Watch(PeerIdentity peer, MessageType type) =>
        type is MessageType.Ping or MessageType.Gossip or MessageType.Probe || peer.Role is not { } role ? null : Of(peer.Id, role);

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
