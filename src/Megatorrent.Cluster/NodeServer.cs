using System.Globalization;
using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Entropy;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Services;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Storage;

namespace Megatorrent.Cluster;

/// <summary>
/// A node: a blob store, a server in front of it, membership, repair, scrub and audit. <see cref="StartAsync"/> starts everything,
/// disposing stops it in order. Thread-safe.
/// </summary>
public sealed partial class NodeServer : IAsyncDisposable
{
    private readonly NodeOptions _options;
    private readonly EventLog _log;
    private readonly TimeProvider _steady;
    private readonly long _started;
    private readonly CancellationTokenSource _stop = new();
    private readonly BlobStore _store;
    private readonly ConnectionPool _pool;
    private readonly ScoreBoard _scores;
    private readonly TrafficMonitor _traffic;
    private readonly EvidenceHub _evidence;
    private readonly Lock _gate = new();
    private IReadOnlyList<INodeService> _services = [];
    private volatile Dictionary<string, NodeCall>? _calls; // by name; complete from the start, as sessions read it
    private PeerServer? _server;
    private Membership? _membership;
    private RepairService? _repair;
    private AuditService? _audit;
    private LeaseService? _leases;
    private ScrubStatus _scrub = new();
    private long _scrubBytes; // that the last scrub has read
    private long _scrubStarted;
    private long _weightPpm = DecisionRules.Whole; // the share of its weight that the node tells the others

    private NodeServer(NodeOptions options, BlobStore store, ConnectionPool pool, EventLog log)
    {
        _options = options;
        _store = store;
        _pool = pool;
        _log = log;
        _steady = new SteadyTime(options.Time);
        _started = options.Time.GetTimestamp();
        _scores = new ScoreBoard(options.Identity.Id, options.Reputation, _steady);
        _traffic = new TrafficMonitor(options.Traffic, _steady);
        _evidence = new EvidenceHub(_scores, _traffic);
    }

    /// <summary>The node's name.</summary>
    public NodeId Id => _options.Identity.Id;

    /// <summary>Where others reach it, "host:port" with the real port.</summary>
    public string AdvertisedEndpoint { get; private set; } = "";

    /// <summary>Where it listens, "host:port" with the real port.</summary>
    public string ListenEndpoint => _server?.Endpoint ?? "";

    /// <summary>Its failure domain.</summary>
    public string Domain { get; private set; } = "";

    /// <summary>Who is in the cluster.</summary>
    public Membership Membership => _membership ?? throw Starting();

    /// <summary>Its repair.</summary>
    public RepairService Repair => _repair ?? throw Starting();

    /// <summary>Where the nodes agree on the layout.</summary>
    internal ICoordinator Coordinator => _services.OfType<LayoutService>().Single().Coordinator;

    /// <summary>Its scrub and its audits.</summary>
    internal AuditService Audit => _audit ?? throw Starting();

    /// <summary>Its leases.</summary>
    internal LeaseService Leases => _leases ?? throw Starting();

    /// <summary>Its blobs. Stays the node's to dispose.</summary>
    public BlobStore Store => _store;

    /// <summary>What it says about itself.</summary>
    public NodeStatus Status
    {
        get
        {
            StoreStatistics statistics = _store.Statistics;
            ScrubStatus scrub;
            lock (_gate)
                scrub = _scrub;
            return new NodeStatus
            {
                Id = Id.ToString(),
                Endpoint = AdvertisedEndpoint,
                Domain = Domain,
                Version = VersionText,
                Transport = _options.Transport.Name,
                UptimeMs = (long)_options.Time.GetElapsedTime(_started).TotalMilliseconds,
                CapacityBytes = _options.CapacityBytes,
                UsedBytes = statistics.UsedBytes,
                LiveBytes = statistics.LiveBytes,
                Blobs = statistics.Blobs,
                Stripes = statistics.Descriptors,
                Members = [.. Membership.View.Members.Take(NodeStatus.MaxMembers).Select(Describe)],
                Repair = Repair.Status,
                Scrub = scrub,
                Services = ServiceNumbers(),
            };
        }
    }

    private Dictionary<string, IReadOnlyDictionary<string, long>> ServiceNumbers()
    {
        var numbers = _services.ToDictionary(static service => service.Name, static service => service.Numbers, StringComparer.Ordinal);
        if (_options.ProcessNumbers is { } process)
            numbers["process"] = process();
        return numbers;
    }

    // Rounded up, so that the smallest share of the smallest weight is still one.
    private long AdvertisedWeight =>
        Math.Max(1, (long)Math.Ceiling(_options.EffectiveWeight * (double)Interlocked.Read(ref _weightPpm) / DecisionRules.Whole));

    private string VersionText => _options.Version ?? typeof(NodeServer).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Opens the store, starts to listen, to look for the others and to repair.</summary>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument or Unauthorized: an option that cannot be used, the certificate among them. InputOutput: the data directory cannot
    /// be used, or is used by another process. Nothing keeps running.
    /// </exception>
    public static async ValueTask<NodeServer> StartAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var log = new EventLog(options.Log, options.Time, options.Identity.Id);
        var storeOptions = new BlobStoreOptions
        {
            CapacityBytes = options.CapacityBytes,
            Time = options.Time,
            Executor = options.Executor,
            Random = options.Random,
        };
        BlobStore store = await BlobStore.OpenAsync(
            options.FileSystem, options.StoreDirectory, options.ConfigureStore?.Invoke(storeOptions) ?? storeOptions, cancellationToken);
        SessionOptions sessions = Sessions(options, log);
        var node = new NodeServer(options, store, new ConnectionPool(options.Transport, sessions), log);
        try
        {
            await node.RunAsync(sessions, cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Re-hashes every blob of the store now, at a rate of the caller's; damage found is dropped and repaired.</summary>
    /// <param name="bytesPerSecond">The rate, 0 for no limit.</param>
    /// <param name="cancellationToken">Cuts it short.</param>
    public async ValueTask<ScrubReport> ScrubAsync(long bytesPerSecond, CancellationToken cancellationToken)
    {
        long started = _options.Time.GetTimestamp();
        IReadOnlyList<SegmentStatistics> segments = _store.Segments;
        long startedUnixMs = _steady.GetUtcNow().ToUnixTimeMilliseconds();
        SetScrub(before => before with { Running = true });
        Interlocked.Exchange(ref _scrubBytes, 0);
        Interlocked.Exchange(ref _scrubStarted, started);
        try
        {
            ScrubReport report = await _store.ScrubAsync(new ScrubOptions { RateBytesPerSecond = bytesPerSecond, Progress = ScrubProgressed }, cancellationToken);
            TimeSpan took = _options.Time.GetElapsedTime(started);
            int bad = report.Bad.Count + report.BadDescriptors.Count;
            _audit?.Scrubber.ScrubbedAll(segments, startedUnixMs);
            SetScrub(_ => new ScrubStatus
            {
                EndedUnixMs = _options.Time.GetUtcNow().ToUnixTimeMilliseconds(),
                DurationMs = (long)took.TotalMilliseconds,
                Checked = report.Checked,
                Bad = bad,
                BytesChecked = report.Bytes,
            });
            _log.Write(bad > 0 ? LogLevel.Error : LogLevel.Info, string.Create(
                CultureInfo.InvariantCulture,
                $"scrub: {report.Checked} blobs and descriptors read in {took.TotalSeconds:0.0} s, {bad} damaged and dropped"));
            if (bad > 0)
                Repair.Lost(report.Bad, report.BadDescriptors, "a scrub found damage");
            return report;
        }
        finally
        {
            SetScrub(status => status with { Running = false });
        }
    }

    /// <summary>
    /// Stops listening, then the services, repair and membership, then closes the connections and the store. What was acknowledged is on disk.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        if (_server is not null)
            await _server.DisposeAsync();
        foreach (INodeService service in _services.Reverse())
            await StopAsync(service);
        if (_repair is not null)
            await _repair.DisposeAsync();
        if (_membership is not null)
            await _membership.DisposeAsync();
        await _pool.DisposeAsync();
        await _store.DisposeAsync();
        if (_membership is not null)
            _log.Info("stopped");
        _stop.Dispose();
    }

    // Whatever it is: the store behind it must be closed.
    private async ValueTask StopAsync(INodeService service)
    {
        try
        {
            await service.DisposeAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _log.Error($"the service {service.Name} did not stop as it should: {exception.Message}");
        }
    }

    private static SessionOptions Sessions(NodeOptions options, EventLog log)
    {
        var sessions = new SessionOptions
        {
            Identity = options.Identity,
            Certificate = options.Certificate,
            ClusterKey = options.ClusterKey,
            Time = options.Time,
            Random = options.Random,
            Executor = options.Executor,
            Observer = happened =>
            {
                if (happened.Kind == SessionEventKind.Refused)
                    log.Warn($"session with {happened.Endpoint} refused: {happened.Reason?.Message}");
            },
        };
        return options.ConfigureSessions?.Invoke(sessions) ?? sessions;
    }

    private async ValueTask RunAsync(SessionOptions sessions, CancellationToken cancellationToken)
    {
        _server = await PeerServer.StartAsync(
            _options.Transport, _options.Listen, Watched(sessions),
            new WatchedHandler(_options.WrapHandler?.Invoke(this) ?? this, _traffic, _steady), cancellationToken);
        AdvertisedEndpoint = _options.EffectiveEndpoint(_server.Endpoint);
        Domain = _options.EffectiveDomain(AdvertisedEndpoint);

        Membership membership = await Membership.CreateAsync(
            new MembershipParts
            {
                Options = _options.Membership,
                Self = Id,
                Sign = incarnation => NodeRecord.Create(
                    _options.Identity, _options.Certificate, AdvertisedEndpoint, Domain, AdvertisedWeight, incarnation,
                    VersionText),
                ClusterKey = _options.ClusterKey,
                JoinEndpoints = _options.Join,
                Pool = _pool,
                Store = new NodeFile(
                    _options.FileSystem, _options.DataDirectory, MemberFile.FileName, MemberFile.MaxLength, _options.Executor),
                Time = _steady,
                Random = _options.Random,
                Log = _log,
            },
            cancellationToken);
        var repairContext = new RepairContext
        {
            Options = _options.Repair,
            Self = Id,
            Store = _store,
            Peers = new PoolRepairPeers(_pool, _evidence),
            Scores = _scores,
            Time = _steady,
            Executor = _options.Executor,
            Log = _log,
            Progress = new RepairProgress(_steady),
            Sources = new SourceLoad(Id, _steady),
            Surplus = new SurplusLedger(TimeSpan.FromMilliseconds(_options.Repair.SurplusWaitMs), _steady),
            Random = _options.Random,
            Rate = new RateLimiter(_options.Repair.BytesPerSecond, _steady),
            Memory = new MemoryBudget(_options.Repair.MemoryBytes),
            Young = new YoungStripes(TimeSpan.FromMilliseconds(_options.Repair.PutSettleMs), _steady),
            Full = new FullMembers(_steady),
        };
        var repair = new RepairService(repairContext, () => _audit?.ForRepair(membership.View) ?? membership.View);
        membership.Changed += repair.MembershipChanged;
        _repair = repair;
        _membership = membership;
        await OpenServicesAsync(membership, repair, cancellationToken);
        repairContext.Companions = _leases;
        StoreStatistics statistics = _store.Statistics;
        _log.Info($"listening on {_server.Endpoint} ({_options.Transport.Name}) as {AdvertisedEndpoint}, domain {Domain}, "
            + $"{statistics.Blobs} blobs, {statistics.LiveBytes} bytes, {membership.View.Members.Count - 1} members remembered");
        membership.Start();
        repair.Start();
        if (_store.Recovery.HalfStripes.Count > 0)
            repair.Lost([], _store.Recovery.HalfStripes, "the last writes before the start were cut short");
        foreach (INodeService service in _services)
            service.Start();
    }

    private async ValueTask OpenServicesAsync(Membership membership, RepairService repair, CancellationToken cancellationToken)
    {
        _services = CreateServices(new NodeParts
        {
            Options = _options,
            Self = Id,
            Store = _store,
            Pool = _pool,
            Membership = membership,
            Repair = repair,
            ForegroundBytes = () => Interlocked.Read(ref _foregroundBytes),
            ScrubUnderWay = ScrubUnderWay,
            AnnounceWeight = ppm =>
            {
                Interlocked.Exchange(ref _weightPpm, ppm);
                membership.Announce();
            },
            Time = _steady,
            Log = _log,
            Scores = _scores,
            Evidence = _evidence,
            Suspicions = _traffic,
        });
        foreach (INodeService service in _services)
            await service.OpenAsync(cancellationToken);
        _calls = OwnCalls().Concat(_services.SelectMany(static service => service.Calls))
            .ToDictionary(static call => call.Name, StringComparer.Ordinal);
    }

    /// <summary>One of its services.</summary>
    /// <exception cref="InvalidOperationException">There is none of this kind.</exception>
    internal T Service<T>()
        where T : INodeService => _services.OfType<T>().First();

    // Shows the traffic analysis who connects without a certificate.
    private SessionOptions Watched(SessionOptions sessions) => sessions with
    {
        Observer = happened =>
        {
            sessions.Observer?.Invoke(happened);
            if (happened is { Kind: SessionEventKind.Opened, Peer: { Certificate: null } stranger }
                && _traffic.Joins.Connected(happened.Endpoint, stranger.Id) is { } text)
                _log.Warn(text);
        },
    };

    // In the order in which they are opened and started.
    private INodeService[] CreateServices(NodeParts parts)
    {
        var forecast = new ForecastService(parts);
        IRateAdvice advice = forecast;
        _audit = new AuditService(parts, () => advice.ScrubBytesPerSecond);
        _audit.Audited += Audited;
        _traffic.Flagged += suspicion =>
        {
            if (parts.Membership.View.Find(suspicion.Peer) is not null) // a client holds nothing
                _audit.AuditSoon(suspicion.Peer);
        };
        _leases = new LeaseService(parts);
        return
        [
            _leases,
            new LayoutService(parts),
            new SurplusService(parts.Repair),
            new EntropyService(parts),
            forecast,
            _audit,
            new ReputationService(parts, _scores),
            new TrafficService(parts, _traffic),
        ];
    }

    // What an audit shows is evidence for the score of whom it was about; no answer is none.
    private void Audited(AuditResult result)
    {
        if (result.Outcome != AuditOutcome.Unknown)
        {
            _evidence.Observed(result.Member, result.Outcome switch
            {
                AuditOutcome.Ok => PeerEvidence.Correct,
                AuditOutcome.Missing => PeerEvidence.Withheld,
                _ => PeerEvidence.Wrong,
            });
        }
    }

    private void ScrubProgressed(ScrubProgress progress) => Interlocked.Exchange(ref _scrubBytes, progress.Bytes);

    private (long Bytes, long Hours)? ScrubUnderWay()
    {
        bool running;
        lock (_gate)
            running = _scrub.Running;
        return running
            ? (Interlocked.Read(ref _scrubBytes), (long)_options.Time.GetElapsedTime(Interlocked.Read(ref _scrubStarted)).TotalHours)
            : null;
    }

    private void SetScrub(Func<ScrubStatus, ScrubStatus> change)
    {
        lock (_gate)
            _scrub = change(_scrub);
    }

    private static MemberStatus Describe(Member member) => new()
    {
        Id = member.Id.ToString(),
        Endpoint = member.Endpoint,
        Domain = member.Domain,
        State = member.State.ToText(),
        Weight = member.Weight,
        Incarnation = member.Record.Incarnation,
        SinceUnixMs = member.Since.ToUnixTimeMilliseconds(),
        Mode = member.Mode.ToText(),
    };

    private static MegatorrentException Starting() => new(ErrorKind.Unreachable, "The node is starting; try again in a moment.");
}
