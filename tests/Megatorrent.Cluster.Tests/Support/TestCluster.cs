using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Network.Memory;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>Real nodes with stores on disk, in one process, over an in-memory network. Each can be killed and started again.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mt-cluster-").FullName;
    private readonly Dictionary<int, NodeServer> _running = [];
    private readonly List<ConnectionPool> _pools = [];

    public TestCluster()
    {
        Log = new TestLog(Pulse);
    }

    public Pulse Pulse { get; } = new();

    public TestLog Log { get; }

    public ITransport Transport { get; init; } = new MemoryTransport();

    /// <summary>What every node starts with; short times, because nothing here is far away.</summary>
    public Func<NodeOptions, NodeOptions> Configure { get; init; } = static options => options;

    public IEnumerable<NodeServer> Running => _running.Values;

    public NodeServer this[int number] => _running[number];

    public static string EndpointOf(int number) => $"node:{10_000 + number}";

    public string FolderOf(int number) => Path.Combine(_root, $"node-{number}");

    public async Task<TestCluster> StartAsync(int count)
    {
        for (int i = 0; i < count; i++)
            await AddAsync(i);
        await UntilAllSeeAsync(count);
        return this;
    }

    public NodeOptions Options(int number, params string[] join)
    {
        Identity identity = TestKeys.Identity(number);
        return Configure(new NodeOptions
        {
            DataDirectory = FolderOf(number),
            Listen = EndpointOf(number),
            Join = join,
            CapacityBytes = 1L << 30,
            Identity = identity,
            Certificate = TestKeys.Certificate(identity),
            ClusterKey = TestKeys.ClusterKey,
            Membership = new MembershipOptions
            {
                PeriodMs = 50,
                PingTimeoutMs = 3000,
                ProbeTimeoutMs = 3000,
                SuspectTimeoutMs = 300,
                ReconnectPeriodMs = 100
            },
            Repair = new RepairOptions { GraceMs = 3_600_000, DebounceMs = 10, PutSettleMs = 500, ConfirmPutsMs = 500, RetryMs = 50 },
            ScrubPeriodMs = 0,
            Log = Log,
            Transport = Transport,
            Random = new SeededRandomSource((ulong)number),
        });
    }

    public Task<NodeServer> AddAsync(int number) =>
        AddAsync(number, Options(number, _running.Count > 0 && !File.Exists(Path.Combine(FolderOf(number), "members"))
            ? [_running.Values.First().AdvertisedEndpoint] : []));

    public async Task<NodeServer> AddAsync(int number, NodeOptions options)
    {
        NodeServer node = await NodeServer.StartAsync(options, CancellationToken.None);
        node.Membership.Changed += _ => Pulse.Beat();
        node.Repair.CycleCompleted += _ => Pulse.Beat();
        _running.Add(number, node);
        return node;
    }

    /// <summary>Stops a node; the others find a closed port.</summary>
    public async Task KillAsync(int number)
    {
        _running.Remove(number, out NodeServer? node);
        await node!.DisposeAsync();
    }

    public Task UntilAllSeeAsync(int living) => Pulse.UntilAsync(
        () => Running.All(
            node => node.Membership.View.Living.Count == living && node.Membership.View.Living.All(m => m.State == MemberState.Alive)),
        () => $"all see {living} living\n{Log.Tail()}");

    public Task UntilAsync(Func<bool> condition, string what) => UntilAsync(condition, () => what);

    /// <summary>Waits for something; if it does not come about, what it was is asked for then.</summary>
    public Task UntilAsync(Func<bool> condition, Func<string> what, int seconds = 60) =>
        Pulse.UntilAsync(condition, () => $"{what()}\n{Log.Tail()}", seconds);

    /// <summary>Until every node's last cycle, begun after now, found all well.</summary>
    public Task UntilSettledAsync() => UntilAsync(
        () => Running.All(node => node.Repair.Status is { Settled: true } status && status.CycleMembers == _running.Count),
        "every node settled");

    /// <summary>The index of the one blob of a stripe that a node holds.</summary>
    public int IndexOn(int number, TestStripe stripe) => Array.FindIndex(stripe.Descriptor.Ids.ToArray(), _running[number].Store.Contains);

    /// <summary>Which running nodes hold the blob.</summary>
    public int[] HoldersOf(BlobId id) => [.. _running.Where(pair => pair.Value.Store.Contains(id)).Select(pair => pair.Key).Order()];

    /// <summary>
    /// Whether the running nodes hold every blob of a stripe (or as many copies as it should have), each with the descriptor.
    /// </summary>
    public bool IsWhole(TestStripe stripe)
    {
        int[][] holders = [.. stripe.Descriptor.Ids.ToArray().Select(HoldersOf)];
        bool all = stripe.Descriptor.IsReplication ? holders[0].Length >= stripe.Descriptor.TotalBlobs : holders.All(h => h.Length > 0);
        return all && holders.SelectMany(h => h).Distinct().All(number => _running[number].Store.ContainsDescriptor(stripe.Id));
    }

    /// <summary>Puts a stripe as a client would: each blob to its member by placement over the living.</summary>
    public async Task PutAsync(params TestStripe[] stripes)
    {
        ClusterView view = Running.First().Membership.View;
        ConnectionPool pool = Pool(Role.Writer);
        foreach (TestStripe stripe in stripes)
        {
            Member?[] places =
                Placement.Assign(stripe.Id, stripe.Descriptor.TotalBlobs, view.Living, view.DomainCount, stripe.Descriptor.IsReplication);
            for (int i = 0; i < places.Length; i++)
            {
                if (places[i] is not { } place)
                    continue;
                byte[] blob = stripe.Blobs[Math.Min(i, stripe.Blobs.Length - 1)];
                PeerConnection connection = await pool.GetAsync(place.Endpoint, place.Id, CancellationToken.None);
                await connection.StoreAsync(BlobId.Of(blob), blob, stripe.Descriptor.Encoded, CancellationToken.None);
            }
        }
    }

    /// <summary>How many blobs of a stripe nodes give, over the wire, each compared with its id.</summary>
    public static async Task<int> CountReadableAsync(TestStripe stripe, IReadOnlyCollection<NodeServer> nodes, ConnectionPool pool)
    {
        int good = 0;
        for (int i = 0; i < stripe.Blobs.Length; i++)
        {
            BlobId id = stripe.Descriptor.Ids[i];
            if (nodes.FirstOrDefault(node => node.Store.Contains(id)) is not { } holder)
                continue;
            PeerConnection connection = await pool.GetAsync(holder.AdvertisedEndpoint, holder.Id, CancellationToken.None);
            byte[] blob = new byte[stripe.Descriptor.LengthOf(i)];
            await connection.GetAsync(id, 0, blob, CancellationToken.None);
            good += BlobId.Of(blob) == id ? 1 : 0;
        }
        return good;
    }

    public SessionOptions Session(Identity identity, Certificate? certificate) => new()
    {
        Identity = identity,
        Certificate = certificate,
        ClusterKey = TestKeys.ClusterKey,
        Executor = InlineExecutor.Instance,
    };

    public ConnectionPool Pool(Role? role, string kind = "client")
    {
        Identity identity = TestKeys.Identity((int)(role ?? 0), kind);
        return Pool(identity, role is { } given ? TestKeys.Certificate(identity, given) : null);
    }

    public ConnectionPool Pool(Identity identity, Certificate? certificate)
    {
        var pool = new ConnectionPool(Transport, Session(identity, certificate));
        _pools.Add(pool);
        return pool;
    }

    public async Task<PeerConnection> ConnectAsync(int number, Role? role, string kind = "client") =>
        await Pool(role, kind).GetAsync(_running[number].AdvertisedEndpoint, _running[number].Id, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (ConnectionPool pool in _pools)
            await pool.DisposeAsync();
        foreach (NodeServer node in _running.Values)
            await node.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }
}
