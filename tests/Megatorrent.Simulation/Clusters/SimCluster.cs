using Megatorrent.Client;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Simulation.Engine;
using Megatorrent.Simulation.Networks;

namespace Megatorrent.Simulation.Clusters;

/// <summary>A whole cluster of the real code, in one thread: its machines, its network, and one client.</summary>
internal sealed class SimCluster
{
    private const int ClientNumber = 0;

    private readonly ulong _seed;
    private readonly SigningKey _clusterKey = SimKeys.Cluster();
    private readonly SimRandom _clientRandom;
    private readonly SimHost _clientHost = new(ClientNumber, "client");
    private readonly SimClock _clientClock;
    private int _contexts;

    public SimCluster(ulong seed, SimSettings settings, TextWriter? log)
    {
        _seed = seed;
        Settings = settings;
        Scheduler = new SimScheduler(seed);
        Log = new SimLog(Scheduler, log);
        Harness = new SimContext(Scheduler, NextContext());
        Network = new SimNetwork(Scheduler, SimRandom.Of(seed, "network"), new SimContext(Scheduler, NextContext()));
        _clientRandom = SimRandom.Of(seed, "client");
        _clientHost.Context = Harness;
        _clientClock = new SimClock(Harness, 1, TimeSpan.Zero);
        Network.Machines.Add(_clientHost);
        foreach (string domain in settings.Domains)
            AddMachine(domain);
    }

    public SimSettings Settings { get; }

    public SimScheduler Scheduler { get; }

    public SimLog Log { get; }

    /// <summary>Where the simulation's own code and the client run.</summary>
    public SimContext Harness { get; }

    public SimNetwork Network { get; }

    public List<SimNode> Nodes { get; } = [];

    public TimeProvider Time => _clientClock;

    public Megatorrent.Network.ITransport ClientTransport => Network.TransportOf(_clientHost);

    /// <summary>Those that are to be part of the cluster.</summary>
    public IEnumerable<SimNode> Standing => Nodes.Where(node => !node.IsRemoved);

    public int NextContext() => _contexts++;

    public SimNode AddMachine(string domain)
    {
        var node = new SimNode(this, _clusterKey, Nodes.Count + 1, domain, _seed);
        Nodes.Add(node);
        Network.Machines.Add(node.Host);
        return node;
    }

    public ValueTask<MegatorrentClient> ConnectAsync(CancellationToken cancellationToken)
    {
        using Identity identity = SimKeys.Identity("writer", 0);
        var credential = new Credential(
            identity, SimKeys.Certificate(_clusterKey, identity, Role.Writer), new byte[Credential.TenantSecretLength],
            [.. Standing.Select(node => node.Endpoint)]);
        return MegatorrentClient.ConnectAsync(
            new ClientOptions
            {
                Credential = credential,
                Transport = ClientTransport,
                Time = _clientClock,
                Random = _clientRandom,
                Executor = new SimExecutor(Harness, _clientRandom, static () => TimeSpan.Zero),
                RequestTimeoutMs = 5_000,
            },
            cancellationToken);
    }
}
