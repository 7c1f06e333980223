using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Storage;
using Megatorrent.Storage.Tests.Faults;

namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>The store and the leases of one node, without its network, on a disk that can lose power.</summary>
internal sealed class LeaseNode(int number, LeaseWorld world, ulong seed) : ILeasePeers
{
    private int _underWay;

    public int Number => number;

    public FaultyFileSystem Files { get; } = new(seed);

    public bool IsUp { get; private set; }

    public bool IsCrashing { get; private set; }

    /// <summary>Blobs that a power cut left without the descriptor that was written with them: the first halves of puts.</summary>
    public HashSet<BlobId> HalfPuts { get; } = [];

    public BlobStore Store { get; private set; } = null!;

    public LeaseTable Table { get; private set; } = null!;

    public LeaseHolder Holder { get; private set; } = null!;

    public LeaseExchange Exchange { get; private set; } = null!;

    public Collector Collector { get; private set; } = null!;

    public SurplusLedger Surplus { get; private set; } = null!;

    public ClusterView View => world.View;

    private LeaseLog Log { get; set; } = null!;

    public async Task StartAsync()
    {
        Store = await BlobStore.OpenAsync(Files, "/data/blobs", new BlobStoreOptions
        {
            CapacityBytes = 1 << 24,
            Executor = world.Schedule,
            Random = world.Schedule.Random,
            Time = world.Time,
            AutoCompact = false,
        });
        Table = new LeaseTable(world.Options, world.Time);
        Log = new LeaseLog(Files, "/data", world.Schedule, Table, world.Time);
        LeaseLog.Opened opened = await Log.OpenAsync(CancellationToken.None);
        Assert.False(opened.IsDamaged);
        if (!opened.IsComplete)
            Table.FloorUnixMs = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Surplus = new SurplusLedger(TimeSpan.FromSeconds(1), world.Time);
        var context = new LeaseContext
        {
            Options = world.Options,
            Self = TestKeys.Member(number).Id,
            ClusterKey = TestKeys.ClusterKey,
            Store = Store,
            Peers = this,
            Surplus = Surplus,
            Time = world.Time,
            Log = new EventLog(NullLogSink.Instance, world.Time, TestKeys.Member(number).Id),
            Table = Table,
            Memory = Log,
        };
        Exchange = new LeaseExchange(context);
        Holder = new LeaseHolder(context, Exchange);
        Collector = new Collector(context, Exchange);
        var described = new HashSet<BlobId>();
        foreach (BlobId stripe in Store.Descriptors)
        {
            if (await Store.GetDescriptorAsync(stripe) is { } encoded)
                described.UnionWith(StripeDescriptor.Decode(encoded).Ids.ToArray());
        }
        HalfPuts.UnionWith(Store.Blobs.Where(blob => !described.Contains(blob)));
        IsUp = true;
    }

    /// <summary>Loses power at a write soon, ends what runs, and starts again.</summary>
    public async Task CrashAsync(int operations)
    {
        IsCrashing = true;
        Files.DieAt = Files.Operations + 1 + operations;
        for (int turns = world.Schedule.Random.Next(200); turns > 0; turns--)
            await Task.Yield();
        IsUp = false;
        Files.DieAt = Files.Operations;
        while (_underWay > 0)
            await Task.Yield();
        try
        {
            await Store.DisposeAsync();
        }
        catch (MegatorrentException)
        {
            // Its disk is gone.
        }
        Files.LosePower();
        await StartAsync();
        IsCrashing = false;
    }

    public async Task StopAsync()
    {
        await Log.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Does something on this node, as a request to it would.</summary>
    public async Task<T> DoAsync<T>(Func<ValueTask<T>> work)
    {
        if (!IsUp)
            throw new MegatorrentException(ErrorKind.Unreachable, "down");
        _underWay++;
        try
        {
            await Task.Yield();
            return await work();
        }
        finally
        {
            _underWay--;
        }
    }

    public Task<byte[]> CallAsync(PeerIdentity peer, string name, byte[] body) => DoAsync(
        () => Holder.Calls.Single(call => call.Name == name).AnswerAsync(peer, body, CancellationToken.None));

    public async ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        LeaseNode other = world.Nodes.Single(node => TestKeys.Member(node.Number).Id == member.Id);
        await Task.Yield();
        byte[] answer = await other.CallAsync(world.NodePeer, name, body.ToArray());
        await Task.Yield();
        return answer;
    }

    public async ValueTask<byte[]?[]> FindAsync(Member member, ReadOnlyMemory<BlobId> stripes, CancellationToken cancellationToken)
    {
        LeaseNode other = world.Nodes.Single(node => TestKeys.Member(node.Number).Id == member.Id);
        var found = new byte[]?[stripes.Length];
        for (int i = 0; i < found.Length; i++)
        {
            BlobId stripe = stripes.Span[i];
            found[i] = await other.DoAsync(() => other.Store.GetDescriptorAsync(stripe));
        }
        return found;
    }
}
