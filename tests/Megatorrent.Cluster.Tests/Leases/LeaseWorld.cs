using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>
/// Three nodes, two owners, and stripes of 2+1 that have data blobs in common, as deduplicating puts make them. Remembers what was acknowledged.
/// </summary>
internal sealed class LeaseWorld
{
    private const int Blobs = 3;
    private const int NodeCount = 3;

    private readonly byte[][] _data = [.. Enumerable.Range(0, Blobs).Select(i => new byte[100 + i])];
    private readonly List<(StripeDescriptor Stripe, byte[][] Blobs)> _objects = [];
    private readonly HashSet<(int Owner, int Object)> _kept = [];
    private readonly HashSet<(int Owner, int Object)> _busy = [];
    private readonly HashSet<LeaseNode> _collecting = [];
    private long _sequence;
    private int _removing;

    public LeaseWorld(ulong seed)
    {
        Schedule = new SeededSchedule(seed);
        foreach (byte[] blob in _data)
            Schedule.Random.Fill(blob);
        for (int i = 0; i < Blobs; i++)
        {
            for (int j = 0; j < Blobs; j++)
            {
                if (i != j)
                    _objects.Add(MakeStripe(_data[i], _data[j]));
            }
        }
        Nodes = [.. Enumerable.Range(0, NodeCount).Select(i => new LeaseNode(i, this, (seed * 10) + (ulong)i))];
        View = new ClusterView(TestKeys.Members(NodeCount), 1);
        Identity node = TestKeys.Identity(0);
        NodePeer = new PeerIdentity(node.PublicKey.ToArray(), TestKeys.Certificate(node));
    }

    public SeededSchedule Schedule { get; }

    public ManualTime Time { get; } = new();

    public LeaseOptions Options { get; } = new() { SafetyMs = 1_000_000, ClockSkewMs = 1000 };

    public LeaseNode[] Nodes { get; }

    public ClusterView View { get; }

    public PeerIdentity NodePeer { get; }

    public int Acknowledged { get; private set; }

    public int Reused { get; private set; }

    public int Collected { get; private set; }

    public int Crashes { get; private set; }

    public int Removed { get; private set; }

    public int Dismissed { get; private set; }

    public static Identity Owner(int number) => TestKeys.Identity(number, "owner");

    public async Task RunAsync(int actors, int steps)
    {
        foreach (LeaseNode node in Nodes)
            await node.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, actors).Select(_ => ActAsync(steps)));
        CheckKept();
        await EndAsync();
        foreach (LeaseNode node in Nodes)
            await node.StopAsync();
    }

    private async Task ActAsync(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            await Task.Yield();
            (int owner, int number) = (Schedule.Random.Next(2), Schedule.Random.Next(_objects.Count));
            LeaseNode node = Nodes[Schedule.Random.Next(NodeCount)];
            try
            {
                switch (Schedule.Random.Next(16))
                {
                    case 0 or 1 or 2:
                        await AloneAsync(owner, number, PutAsync);
                        break;
                    case 3 or 4 or 5:
                        await AloneAsync(owner, number, ForgetAsync);
                        break;
                    case 6 or 7 or 8:
                        await CollectAsync(node);
                        break;
                    case 9 or 10 when _removing == 0: // a promise to keep a blob is longer than a deletion takes
                        Time.Advance(TimeSpan.FromMilliseconds(Schedule.Random.Next(2) * Options.SafetyMs));
                        break;
                    case 11 when Schedule.Random.Next(3) == 0 && Nodes.All(one => one.IsUp && !one.IsCrashing):
                        Crashes++;
                        await node.CrashAsync(Schedule.Random.Next(12));
                        break;
                    case 12 or 13 or 14:
                        await RemoveSurplusAsync(node, number);
                        break;
                    default:
                        await ExchangeAsync(node);
                        break;
                }
                CheckKept();
            }
            catch (MegatorrentException)
            {
                // Not acknowledged, not deleted: somebody was down.
            }
        }
    }

    private async Task CollectAsync(LeaseNode node)
    {
        if (!_collecting.Add(node))
            return; // one at a time on a node
        try
        {
            Collected += (await node.DoAsync(() => node.Collector.RunAsync(CancellationToken.None))).Stripes;
        }
        finally
        {
            _collecting.Remove(node);
        }
    }

    // As repair does where another node holds the same blob: only on that node's promise to keep it.
    private async Task RemoveSurplusAsync(LeaseNode node, int number)
    {
        StripeDescriptor stripe = _objects[number].Stripe;
        BlobId blob = stripe.Ids[Schedule.Random.Next(2) == 0 ? ^1 : Schedule.Random.Next(stripe.Ids.Length)]; // parity is of one stripe alone
        LeaseNode keeper = Nodes[(node.Number + 1 + Schedule.Random.Next(NodeCount - 1)) % NodeCount];
        if (!node.IsUp || IsOfOthers() || !IsHeld(node) || !node.Surplus.TryBeginDelete(blob))
            return;
        bool isGone = false;
        _removing++;
        try
        {
            bool isPromised = await keeper.DoAsync(async () =>
            {
                if (!IsHeld(keeper) || !keeper.Surplus.TryPromise(blob))
                    return false;
                using BlobLease proof = await keeper.Store.GetAsync(blob);
                return true;
            });
            if (!isPromised || !node.Surplus.MayDelete(blob))
                return;
            isGone = await node.DoAsync(async () =>
            {
                await node.Store.DeleteAsync(blob);
                if (!stripe.Ids.ToArray().Any(node.Store.Contains))
                    Dismissed += await node.Holder.DismissAsync(stripe, [TestKeys.Member(keeper.Number)], CancellationToken.None) ? 1 : 0;
                return true;
            });
            Removed++;
        }
        finally
        {
            _removing--;
            node.Surplus.EndDelete(blob, isGone ? 1 : null);
        }

        bool IsOfOthers() => _objects.Exists(
            one => one.Stripe.Id != stripe.Id && one.Stripe.Ids.Contains(blob) && node.Store.ContainsDescriptor(one.Stripe.Id));

        bool IsHeld(LeaseNode by) => by.Store.Contains(blob) && by.Store.ContainsDescriptor(stripe.Id);
    }

    // An owner does one thing at a time with an object.
    private async Task AloneAsync(int owner, int number, Func<int, int, Task> work)
    {
        if (!_busy.Add((owner, number)))
            return;
        try
        {
            await work(owner, number);
        }
        finally
        {
            _busy.Remove((owner, number));
        }
    }

    // As a client does: reuse what a node says it has, once it has the descriptor; store the rest; then keep, and count who holds what.
    private async Task PutAsync(int owner, int number)
    {
        (StripeDescriptor stripe, byte[][] blobs) = _objects[number];
        for (int i = 0; i < blobs.Length; i++)
        {
            BlobId id = stripe.Ids[i];
            byte[] blob = blobs[i];
            bool isNewcomer = Schedule.Random.Next(3) == 0; // it stores where its own list of members says, whoever holds the blob already
            LeaseNode? holder = isNewcomer ? null : Nodes.FirstOrDefault(node => node.IsUp && node.Store.Contains(id));
            await Task.Yield();
            bool isThere = holder is not null && await holder.DoAsync(() => holder.Holder.StoreAsync(stripe, async () =>
            {
                await holder.Store.PutDescriptorAsync(stripe.Id, stripe.Encoded);
                return holder.Store.Contains(id);
            }, CancellationToken.None));
            Reused += isThere ? 1 : 0;
            if (isThere)
                continue;
            LeaseNode place = Nodes[(number + i + (isNewcomer ? 1 : 0)) % NodeCount];
            await place.DoAsync(() => place.Holder.StoreAsync(
                stripe, () => place.Store.PutAsync(id, blob, stripe.Id, stripe.Encoded), CancellationToken.None));
        }
        bool[] confirmed = await TellAsync(owner, number, LeaseRequest.KeepName, LeaseStatement.Never);
        if (!Array.TrueForAll(confirmed, static held => held))
            return;
        _kept.Add((owner, number));
        Acknowledged++;
    }

    private async Task ForgetAsync(int owner, int number)
    {
        _kept.Remove((owner, number)); // from the moment at which any node may hear it
        await TellAsync(owner, number, LeaseRequest.ForgetName, Time.GetUtcNow().ToUnixTimeSeconds());
    }

    private async Task<bool[]> TellAsync(int owner, int number, string name, long expires)
    {
        Identity identity = Owner(owner);
        Certificate certificate = TestKeys.Certificate(identity, Role.Writer);
        StripeDescriptor stripe = _objects[number].Stripe;
        var statement = LeaseStatement.Create(
            identity, TestKeys.ClusterKey, stripe.Id, ++_sequence, expires, Time.GetUtcNow().ToUnixTimeSeconds());
        byte[] body = new LeaseRequest(statement, certificate, [stripe.Id]).Encode();
        var held = new bool[stripe.Ids.Length];
        foreach (LeaseNode node in Nodes)
        {
            try
            {
                byte[] answer = await node.CallAsync(new PeerIdentity(identity.PublicKey.ToArray(), certificate), name, body);
                bool[] has = LeaseAnswer.Decode(answer, 1).Held[0] ?? [];
                for (int i = 0; i < has.Length; i++)
                    held[i] |= has[i];
            }
            catch (MegatorrentException)
            {
                // Not confirmed.
            }
        }
        return held;
    }

    private async Task ExchangeAsync(LeaseNode node)
    {
        foreach (Member member in View.Members)
        {
            if (member.Id != TestKeys.Member(node.Number).Id)
                await node.DoAsync(() => node.Exchange.PullAllAsync(member, View, CancellationToken.None));
        }
    }

    // What was acknowledged and not forgotten is there, on a node that is up or will be: confirmed by every blob, none may be gone.
    private void CheckKept()
    {
        if (!Nodes.All(static node => node.IsUp))
            return;
        foreach ((int owner, int number) in _kept)
        {
            foreach (BlobId id in _objects[number].Stripe.Ids)
                Assert.True(Nodes.Any(node => node.Store.Contains(id)), $"owner {owner} keeps object {number}, whose blob {id} is gone");
        }
    }

    // Everything is forgotten and everybody talks to everybody: then what was ever leased is collected, and nothing else.
    private async Task EndAsync()
    {
        for (int owner = 0; owner < 2; owner++)
        {
            for (int number = 0; number < _objects.Count; number++)
                await ForgetAsync(owner, number);
        }
        foreach (LeaseNode node in Nodes)
            await ExchangeAsync(node);
        Time.Advance(TimeSpan.FromMilliseconds(Options.SafetyMs * 2));
        foreach (LeaseNode node in Nodes.Concat(Nodes))
            Assert.Null((await node.DoAsync(() => node.Collector.RunAsync(CancellationToken.None))).Halt);
        foreach (LeaseNode node in Nodes)
        {
            Assert.Empty(node.Store.Descriptors);
            Assert.All(node.Store.Blobs, blob => Assert.Contains(blob, node.HalfPuts)); // which nobody was promised, and nobody looks for yet
        }
    }

    private static (StripeDescriptor Stripe, byte[][] Blobs) MakeStripe(byte[] first, byte[] second)
    {
        int length = Math.Max(first.Length, second.Length);
        var parity = new byte[length];
        ReedSolomon.Get(2, 1).Encode(
            new ReadOnlyMemory<byte>[] { first, second }, new Memory<byte>[] { parity });
        byte[][] blobs = [first, second, parity];
        return (new StripeDescriptor(1, Array.ConvertAll(blobs, blob => BlobId.Of(blob)), [first.Length, second.Length]), blobs);
    }
}
