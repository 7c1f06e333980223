using Megatorrent.Cluster;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Simulation.Disks;
using Megatorrent.Simulation.Engine;
using Megatorrent.Simulation.Networks;

namespace Megatorrent.Simulation.Clusters;

/// <summary>One machine with a node: starts, crashes and starts again with what its disk has kept.</summary>
internal sealed class SimNode
{
    private const string Folder = "/data";

    private readonly SimCluster _cluster;
    private readonly SigningKey _clusterKey;
    private readonly SimRandom _random;
    private readonly double _rate;
    private TimeSpan _offset;
    private HashSet<BlobId>? _mustHold; // what the store acknowledged before the last crash
    private bool _hadFellows; // when it last died: one that was killed before it had joined must be told again where

    public SimNode(SimCluster cluster, SigningKey clusterKey, int number, string domain, ulong seed)
    {
        _cluster = cluster;
        _clusterKey = clusterKey;
        Number = number;
        Domain = domain;
        _random = SimRandom.Of(seed, $"node {number}");
        Host = new SimHost(number, $"node{number}");
        Disk = new SimDisk(cluster.Scheduler, SimRandom.Of(seed, $"disk {number}"));
        Identity = SimKeys.Identity("node", number);
        SimSettings settings = cluster.Settings;
        _offset = TimeSpan.FromMilliseconds(settings.SkewMs * ((2 * _random.Fraction()) - 1));
        _rate = 1 + (settings.Drift * ((2 * _random.Fraction()) - 1));
    }

    public int Number { get; }

    public string Name => Host.Name;

    public string Domain { get; }

    public SimHost Host { get; }

    public SimDisk Disk { get; }

    public Identity Identity { get; }

    public NodeId Id => Identity.Id;

    public string Endpoint => $"node{Number}:4000";

    public SimContext? Context { get; private set; }

    public NodeServer? Server { get; private set; }

    public SimClock? Clock { get; private set; }

    public bool IsRunning => Server is not null;

    /// <summary>Gone for good.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Its disk was harmed since its last scrub: its index may say what is not true.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Its disk was harmed since it was last up, so that it may hold less than it acknowledged.</summary>
    public bool HasLost { get; set; }

    public Lies Lies { get; set; }

    /// <summary>Counts starts and deaths, so that a late wish to start can see that it is late.</summary>
    public int Generation { get; private set; }

    /// <summary>Starts the process; retries until it runs, or is killed meanwhile.</summary>
    public async Task StartAsync()
    {
        if (IsRunning || IsRemoved || Context is not null)
            return;
        int generation = ++Generation;
        var context = new SimContext(_cluster.Scheduler, _cluster.NextContext());
        Context = context;
        Clock = new SimClock(context, _rate, _offset);
        _cluster.Network.Boot(Host, context);
        while (generation == Generation)
        {
            try
            {
                Server = await context.RunAsync(() => StartServerAsync(context));
                await CheckKeptAsync(context);
                return;
            }
            catch (ProcessDiedException)
            {
                return;
            }
            catch (Core.MegatorrentException exception)
            {
                _cluster.Log.Write(Name, $"did not start: {exception.Message}");
                if (generation != Generation)
                    return;
                await _cluster.Harness.DelayAsync(TimeSpan.FromSeconds(2));
            }
        }
    }

    /// <summary>The process ends at this moment, in the middle of whatever it does.</summary>
    public void Die(bool power)
    {
        if (Context is null)
            return;
        Generation++;
        if (Server is { } server && !HasLost && !IsDirty)
            _mustHold = [.. server.Store.Blobs];
        _hadFellows |= Server?.Membership.View.Members.Count > 1;
        _offset = Clock!.Offset;
        Server = null;
        SimContext dying = Context;
        Context = null;
        Clock = null;
        _cluster.Network.Die(Host, power);
        Disk.Die(power);
        dying.Kill();
        _cluster.Log.Write(Name, power ? "lost power" : "was killed");
    }

    /// <summary>Runs work inside the node's process.</summary>
    public Task<T> RunAsync<T>(Func<NodeServer, Task<T>> work) =>
        Context is { } context && Server is { } server
            ? context.RunAsync(() => work(server))
            : Task.FromException<T>(new ProcessDiedException());

    private async Task<NodeServer> StartServerAsync(SimContext context)
    {
        bool lies = Lies != Lies.None;
        NodeOptions options = Options(context);
        if (lies)
            options = options with { Listen = $"node{Number}:4001", Advertise = Endpoint };
        NodeServer server = await NodeServer.StartAsync(options, CancellationToken.None);
        if (lies)
        {
            var sessions = new SessionOptions
            {
                Identity = options.Identity,
                Certificate = options.Certificate,
                ClusterKey = options.ClusterKey,
                Time = options.Time,
                Random = options.Random,
                Executor = options.Executor,
            };
            await PeerServer.StartAsync(options.Transport, Endpoint, sessions, new Liar(server, Lies, _random), CancellationToken.None);
        }
        return server;
    }

    private NodeOptions Options(SimContext context)
    {
        SimSettings settings = _cluster.Settings;
        // As an operator's unit file would: an entry point until there are members to remember.
        string[] join = _hadFellows && Disk.Exists($"{Folder}/members") ? [] : [.. _cluster.Nodes.Where(node => node != this && !node.IsRemoved).Select(node => node.Endpoint)];
        return new NodeOptions
        {
            DataDirectory = Folder,
            Listen = Endpoint,
            Join = join,
            Domain = Domain,
            Weight = 1,
            Identity = Identity,
            Certificate = SimKeys.Certificate(_clusterKey, Identity, Role.Node),
            ClusterKey = _clusterKey.PublicKey.ToArray(),
            Repair = new RepairOptions { GraceMs = settings.GraceMs, PeriodMs = settings.RepairPeriodMs, ConfirmPutsMs = 10_000 },
            Leases = new LeaseOptions
            {
                SafetyMs = settings.SafetyMs,
                OrphanMs = settings.SafetyMs * 2,
                CollectPeriodMs = settings.SafetyMs / 3,
                ExchangePeriodMs = settings.SafetyMs,
            },
            ScrubPeriodMs = 3_600_000,
            Log = _cluster.Log.Of(Name),
            Transport = _cluster.Network.TransportOf(Host),
            FileSystem = Disk.OpenSession(),
            Time = Clock!,
            Random = _random,
            Executor = new SimExecutor(context, _random, () => Disk.Slow),
            ConfigureStore = store => store with { SegmentBytes = settings.SegmentBytes, CheckpointBytes = settings.CheckpointBytes },
        };
    }

    // Acknowledged means flushed: after a crash that harmed no disk, the store holds, and can read, all that it held.
    private async Task CheckKeptAsync(SimContext context)
    {
        if (HasLost || IsDirty || _mustHold is not { } mustHold || Disk.IsDisturbed)
        {
            HasLost = false;
            _mustHold = null;
            return;
        }
        _mustHold = null;
        NodeServer server = Server!;
        BlobId? missing = mustHold.Where(id => !server.Store.Contains(id)).Select(id => (BlobId?)id).FirstOrDefault();
        if (missing is { } lost)
            throw new SimulationException("durability", $"{Name} acknowledged blob {lost} before a crash and does not hold it after.");
        string? wrong = await context.RunAsync(() => FirstUnreadableAsync(server));
        if (wrong is not null && !IsDirty)
            throw new SimulationException("recovery", $"{Name} came back from a crash and says that it holds what it does not: {wrong}");
    }

    /// <summary>The first blob of the store that cannot be read, or is not what its id says; null when all is well.</summary>
    public static async Task<string?> FirstUnreadableAsync(NodeServer server)
    {
        foreach (BlobId id in server.Store.Blobs.Order().ToArray())
        {
            try
            {
                using Core.BlobLease lease = await server.Store.GetAsync(id);
                if (BlobId.Of(lease.Memory.Span) != id)
                    return $"blob {id} has other bytes";
            }
            catch (Core.MegatorrentException exception) when (exception.Kind is Core.ErrorKind.Integrity)
            {
                return exception.Message;
            }
            catch (Core.MegatorrentException exception)
            {
                // The disk fails, or the blob was dropped meanwhile; one that is listed still and not found is neither.
                if (exception.Kind == Core.ErrorKind.NotFound && server.Store.Contains(id))
                    return $"blob {id} is listed and not found";
            }
        }
        return null;
    }
}
