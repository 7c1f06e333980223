using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Coordination.Etcd;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster;

/// <summary>What a node is and what it works with. Immutable.</summary>
public sealed record NodeOptions
{
    private const long GiB = 1L << 30;

    /// <summary>The node's folder. The blobs are in "blobs" below it, the remembered members in "members".</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where to listen, "host:port"; port 0 takes a free one. Default "127.0.0.1:0".</summary>
    public string Listen { get; init; } = "127.0.0.1:0";

    /// <summary>Where others reach the node, "host:port". Default: where it listens; needed when that is a wildcard address.</summary>
    public string? Advertise { get; init; }

    /// <summary>Nodes to ask for the cluster, each "host:port". Empty for the first node, and for one that remembers the others.</summary>
    public IReadOnlyList<string> Join { get; init; } = [];

    /// <summary>
    /// The failure domain, a path from the widest to the narrowest such as "site/rack/host". Default: the advertised endpoint, so that
    /// every node is a domain of its own.
    /// </summary>
    public string? Domain { get; init; }

    /// <summary>The site that the node is in, put before <see cref="Domain"/> with a slash; null for none.</summary>
    public string? Site { get; init; }

    /// <summary>The etcd to coordinate by; null: the nodes coordinate themselves. The same for all nodes of a cluster.</summary>
    public EtcdOptions? Etcd { get; init; }

    /// <summary>Bytes that the store may take. Default 100 GiB.</summary>
    public long CapacityBytes { get; init; } = 100 * GiB;

    /// <summary>Share of the data relative to other nodes, at least 1. Default: the capacity in GiB.</summary>
    public long? Weight { get; init; }

    /// <summary>Who the node is. Stays the caller's to dispose, after the node.</summary>
    public required Identity Identity { get; init; }

    /// <summary>The node's certificate, of role node.</summary>
    public required Certificate Certificate { get; init; }

    /// <summary>The cluster's Ed25519 public key, 32 bytes.</summary>
    public required byte[] ClusterKey { get; init; }

    /// <summary>The version that the node tells others. Default: the assembly's.</summary>
    public string? Version { get; init; }

    /// <summary>Timings of the failure detector.</summary>
    public MembershipOptions Membership { get; init; } = new();

    /// <summary>When and how fast to repair.</summary>
    public RepairOptions Repair { get; init; } = new();

    /// <summary>What is decided by forecast, and within which bounds.</summary>
    public ForecastOptions Forecast { get; init; } = new();

    /// <summary>How others are scored.</summary>
    public ReputationOptions Reputation { get; init; } = new();

    /// <summary>How the requests of others are watched.</summary>
    public TrafficOptions Traffic { get; init; } = new();

    /// <summary>When and how to compare what this node holds with what the others do.</summary>
    public EntropyOptions Entropy { get; init; } = new();

    /// <summary>When to delete what nobody keeps any more.</summary>
    public LeaseOptions Leases { get; init; } = new();

    /// <summary>Within which every blob is re-hashed, in milliseconds; 0 never scrubs by itself. Default 7 days.</summary>
    public long ScrubPeriodMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary>
    /// Bytes a second that a periodic scrub reads at most, 0 for no limit. Default 32 MiB/s: little enough not to be noticed. It reads as
    /// slowly as the period allows.
    /// </summary>
    public long ScrubBytesPerSecond { get; init; } = 32L * 1024 * 1024;

    /// <summary>How it checks its own blobs and those of others.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>What the process around the node takes of its machine, by name, for the status; null: the status does not say.</summary>
    public Func<IReadOnlyDictionary<string, long>>? ProcessNumbers { get; init; }

    /// <summary>Where the log goes.</summary>
    public ILogSink Log { get; init; } = NullLogSink.Instance;

    /// <summary>How bytes travel. Default: TCP, by the fastest engine of the machine.</summary>
    public ITransport Transport { get; init; } = SystemTransport.Auto;

    /// <summary>Where files live.</summary>
    public IFileSystem FileSystem { get; init; } = PhysicalFileSystem.Instance;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Session keys, and choices.</summary>
    public IRandomSource Random { get; init; } = SystemRandomSource.Instance;

    /// <summary>Runs hashing, coding and file access.</summary>
    public IWorkExecutor Executor { get; init; } = ThreadPoolExecutor.Instance;

    /// <summary>
    /// Limits of sessions. Identity, certificate, cluster key, clock, chance and executor are filled in from the other options.
    /// </summary>
    public Func<SessionOptions, SessionOptions>? ConfigureSessions { get; init; }

    /// <summary>Details of the store. Capacity, clock, chance and executor are filled in from the other options.</summary>
    public Func<BlobStoreOptions, BlobStoreOptions>? ConfigureStore { get; init; }

    /// <summary>Stands between the network and the node's answers. For tests, which make liars of nodes.</summary>
    internal Func<IPeerHandler, IPeerHandler>? WrapHandler { get; init; }

    /// <summary>Where the blobs are: "blobs" in the node's folder.</summary>
    public string StoreDirectory => Path.Combine(DataDirectory, "blobs");

    /// <summary>Checks what can be checked before anything is opened.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument or Unauthorized: which option, and why.</exception>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(DataDirectory))
            throw Invalid("A node needs a data directory.");
        if (CapacityBytes <= 0)
            throw Invalid($"A capacity of {CapacityBytes} bytes stores nothing.");
        if (ScrubPeriodMs < 0 || ScrubBytesPerSecond < 0)
            throw Invalid("The scrub's period and rate cannot be negative.");
        Membership.Validate();
        Repair.Validate();
        Etcd?.Validate();
        Forecast.Validate();
        Entropy.Validate();
        Audit.Validate();
        Reputation.Validate();
        Traffic.Validate();
        Leases.Validate();
        Certificate.Validate(ClusterKey, Time.GetUtcNow());
        if (Certificate.Subject != Identity.Id)
            throw Invalid("The certificate is of another identity.");
        if (!Certificate.Role.MayServe())
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"A certificate of role {Certificate.Role.ToText()} does not make a node; one of role node is needed.");
    }

    /// <summary>The weight to tell others.</summary>
    internal long EffectiveWeight => Math.Clamp(Weight ?? CapacityBytes / GiB, 1, NodeRecord.MaxWeight);

    /// <summary>The endpoint to tell others.</summary>
    /// <param name="listening">Where the server listens, with its real port.</param>
    /// <exception cref="MegatorrentException">InvalidArgument: the address is a wildcard, which nobody can connect to.</exception>
    internal string EffectiveEndpoint(string listening)
    {
        string endpoint = Advertise ?? listening;
        if (!Endpoint.TryParse(endpoint, out string host, out int port))
            throw Invalid($"'{endpoint}' is not an endpoint; write HOST:PORT, such as 192.0.2.7:4000.");
        if (port == 0 && Endpoint.TryParse(listening, out _, out int real))
            endpoint = Endpoint.Format(host, port = real);
        if (host is "0.0.0.0" or "::" || port == 0)
            throw Invalid($"Others cannot connect to {endpoint}; say under which address this node is reached (advertise HOST:PORT).");
        return endpoint;
    }

    /// <summary>The failure domain to tell others.</summary>
    internal string EffectiveDomain(string endpoint)
    {
        int room = NodeRecord.MaxDomainLength - (Site is null ? 0 : Site.Length + 1);
        string own = Domain ?? (endpoint.Length <= room ? endpoint : Identity.Id.ToString()[..Math.Clamp(room, 1, NodeRecord.MaxDomainLength)]);
        return Site is null ? own : $"{Site}/{own}";
    }

    private static MegatorrentException Invalid(string message) => new(ErrorKind.InvalidArgument, message);
}
