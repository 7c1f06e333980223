using System.Runtime.InteropServices;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Tests.Traffic;

/// <summary>
/// Labelled traffic at one node, from a seed: nodes and clients with a cycle of a day, restores and repairs at full rate, a few honest
/// failures, and attackers. The monitor is the real one; its clock is virtual.
/// </summary>
internal sealed class TrafficWorld
{
    public const int Nodes = 5;
    public const int Clients = 5;
    public const int IntervalSeconds = 10;

    private readonly Random _random;
    private readonly Peer[] _peers;
    private readonly double _phase;

    public TrafficWorld(int seed)
    {
        _random = new Random(seed);
        _phase = _random.NextDouble() * 2 * Math.PI;
        Monitor = new TrafficMonitor(new TrafficOptions(), Time);
        Monitor.Flagged += suspicion => Flags.Add((suspicion, Elapsed));
        _peers = [.. Enumerable.Range(0, Nodes + Clients).Select(i => new Peer(PeerOf(i, i < Nodes ? Role.Node : Role.Writer), i < Nodes, Factor()))];
    }

    public ManualTime Time { get; } = new();

    public TrafficMonitor Monitor { get; }

    public List<(Suspicion Suspicion, TimeSpan At)> Flags { get; } = [];

    public TimeSpan Elapsed => Time.GetUtcNow() - TestKeys.Start;

    public NodeId IdOf(int peer) => _peers[peer].Identity.Id;

    /// <summary>Requests that were let through, and those that were not.</summary>
    public (long Passed, long Throttled) Counted { get; private set; }

    private sealed class Peer(PeerIdentity identity, bool isNode, double factor)
    {
        public readonly PeerIdentity Identity = identity;
        public readonly bool IsNode = isNode;
        public readonly double Factor = factor;
        public int BurstLeft;
        public readonly byte[][] Hot = new byte[20][];
    }

    /// <summary>One interval of everybody's usual traffic, and of an attacker's if there is one; then the monitor's end of it.</summary>
    public void Step(Action<TrafficWorld>? attack = null)
    {
        foreach (Peer peer in _peers)
            Usual(peer);
        attack?.Invoke(this);
        Time.Advance(TimeSpan.FromSeconds(IntervalSeconds));
        Monitor.Close();
    }

    /// <summary>Starts a repair (of a node) or a restore (of a client) at full rate.</summary>
    public void Burst(int peer, int intervals) => _peers[peer].BurstLeft = intervals;

    public void Many(int peer, double perSecond, Action<TrafficWorld, int> what)
    {
        for (int i = Poisson(perSecond * IntervalSeconds); i > 0; i--)
            what(this, peer);
    }

    public void Request(int peer, MessageType type, RequestOutcome outcome = RequestOutcome.Answered, BlobId? id = null, int bytes = 0) =>
        Request(_peers[peer].Identity, type, outcome, id, bytes);

    public void Evidence(int peer, double perSecond, PeerEvidence bad, double share)
    {
        for (int i = Poisson(perSecond * IntervalSeconds); i > 0; i--)
            Monitor.Observed(_peers[peer].Identity.Id, _random.NextDouble() < share ? bad : PeerEvidence.Correct);
    }

    public bool Chance(double share) => _random.NextDouble() < share;

    /// <summary>A new id; with a prefix, one that begins with these four bits.</summary>
    public BlobId NewId(int prefix = -1)
    {
        Span<byte> bytes = stackalloc byte[BlobId.Length];
        Span<long> words = MemoryMarshal.Cast<byte, long>(bytes);
        foreach (ref long word in words)
            word = _random.NextInt64();
        bytes[7] = bytes[6]; // the highest bit of a NextInt64 is 0
        if (prefix >= 0)
            bytes[0] = (byte)((prefix << 4) | (bytes[0] & 15));
        return new BlobId(bytes);
    }

    /// <summary>One of a few ids that are the same every time.</summary>
    public BlobId HotId(int peer, int count)
    {
        ref byte[] hot = ref _peers[peer].Hot[_random.Next(count)];
        hot ??= NewId().ToArray();
        return new BlobId(hot);
    }

    private static PeerIdentity PeerOf(int number, Role role)
    {
        using Identity identity = TestKeys.Identity(number, "traffic");
        return new PeerIdentity(identity.PublicKey.ToArray(), TestKeys.Certificate(identity, role));
    }

    private void Usual(Peer peer)
    {
        // By day three times as much as by night; every peer has a level of its own.
        double day = 1 + (0.5 * Math.Sin((2 * Math.PI * Elapsed.TotalDays) + _phase));
        int count = Poisson(IntervalSeconds * 1.5 * day * peer.Factor);
        int index = Array.IndexOf(_peers, peer);
        for (int i = 0; i < count; i++)
            One(peer, index);
        if (peer.BurstLeft == 0 && _random.NextDouble() < 2.0 / 8640) // twice a day
            peer.BurstLeft = 30 + _random.Next(90);
        if (peer.BurstLeft > 0)
        {
            peer.BurstLeft--;
            Full(peer);
        }
        if (peer.IsNode) // what this node gets from it: little, but for its own repairs
            EvidenceOf(peer, peer.BurstLeft > 0 ? 30 : 0.3);
    }

    private void One(Peer peer, int index)
    {
        double kind = _random.NextDouble();
        if (kind < 0.45)
        {
            BlobId id = !peer.IsNode && _random.NextDouble() < 0.3 ? HotId(index, 20) : NewId();
            Request(peer.Identity, MessageType.Get, _random.NextDouble() < 0.003 ? RequestOutcome.NotFound : RequestOutcome.Answered, id, 1 << 20);
        }
        else if (kind < 0.7)
        {
            Request(peer.Identity, MessageType.Want, RequestOutcome.Answered, null, 0);
        }
        else if (kind < 0.85)
        {
            Request(peer.Identity, MessageType.Store, RequestOutcome.Answered, null, 1 << 20);
        }
        else
        {
            Request(
                peer.Identity, kind < 0.93 ? MessageType.Status : MessageType.Find,
                _random.NextDouble() < 0.002 ? RequestOutcome.Refused : RequestOutcome.Answered, null, 0);
        }
    }

    // A repair surveys a stripe, gets k blobs and stores what is missing; a restore gets. Small blobs, so that there are many of them.
    private void Full(Peer peer)
    {
        for (int i = Poisson(150 * IntervalSeconds); i > 0; i--)
            Request(peer.Identity, MessageType.Get, _random.NextDouble() < 0.003 ? RequestOutcome.NotFound : RequestOutcome.Answered, NewId(), 4096);
        for (int i = Poisson(60 * IntervalSeconds); i > 0; i--)
            Request(peer.Identity, MessageType.Want, RequestOutcome.Answered, null, 0);
        for (int i = peer.IsNode ? Poisson(75 * IntervalSeconds) : 0; i > 0; i--)
            Request(peer.Identity, MessageType.Store, RequestOutcome.Answered, null, 4096);
    }

    // Bit rot in one of a million, and one in 500 that has moved since it was asked for.
    private void EvidenceOf(Peer peer, double perSecond)
    {
        for (int i = Poisson(perSecond * IntervalSeconds); i > 0; i--)
        {
            double chance = _random.NextDouble();
            Monitor.Observed(
                peer.Identity.Id, chance < 1e-6 ? PeerEvidence.Wrong : chance < 0.002 ? PeerEvidence.Withheld : PeerEvidence.Correct);
        }
    }

    private void Request(PeerIdentity peer, MessageType type, RequestOutcome outcome, BlobId? id, int bytes)
    {
        try
        {
            Monitor.Admit(peer, type);
            PeerTraffic traffic = Monitor.Watch(peer, type)!;
            if (id is { } blob)
                traffic.Asked(blob);
            traffic.End(type, bytes, outcome);
            Counted = (Counted.Passed + 1, Counted.Throttled);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.LimitExceeded)
        {
            Counted = (Counted.Passed, Counted.Throttled + 1);
        }
    }

    private double Factor() => Math.Exp(_random.NextDouble() - 0.5);

    private int Poisson(double mean)
    {
        if (mean > 40)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
            return Math.Max(0, (int)Math.Round(mean + (Math.Sqrt(mean) * normal)));
        }
        int count = 0;
        for (double left = Math.Exp(-mean), product = _random.NextDouble(); product > left; product *= _random.NextDouble())
            count++;
        return count;
    }
}
