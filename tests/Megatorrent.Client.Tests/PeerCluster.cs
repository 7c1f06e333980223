using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Client.Tests;

/// <summary>Peers on loopback under one cluster key.</summary>
internal sealed class PeerCluster : IAsyncDisposable
{
    private readonly SigningKey _key = SigningKey.Generate(SystemRandomSource.Instance);
    private readonly List<PeerServer> _servers = [];
    private readonly SlowWorld? _world;

    private PeerCluster(SlowWorld? world) => _world = world;

    private DateTimeOffset Begin => (_world?.Time ?? TimeProvider.System).GetUtcNow().AddMinutes(-1);

    public List<PeerNode> Nodes { get; } = [];

    public string EntryPoint => _servers[0].Endpoint;

    /// <summary>Starts nodes on loopback, or in a world where time stands still.</summary>
    public static async Task<PeerCluster> StartAsync(
        int nodes, Func<int, string>? domain = null, SlowWorld? world = null)
    {
        var cluster = new PeerCluster(world);
        var members = new List<Member>();
        for (int i = 0; i < nodes; i++)
        {
            Identity identity = Identity.Generate(SystemRandomSource.Instance);
            var node = new PeerNode(identity, cluster.Certify(identity, Role.Node));
            PeerServer server = await PeerServer.StartAsync(
                world?.Transport ?? TcpTransport.Instance,
                world is null ? "127.0.0.1:0" : $"node{i}:4000",
                cluster.Session(identity, node.Certificate),
                node,
                CancellationToken.None);
            cluster.Nodes.Add(node);
            cluster._servers.Add(server);
            var record = NodeRecord.Create(identity, node.Certificate, server.Endpoint, domain?.Invoke(i) ?? $"domain{i}", 1, 1, "test");
            members.Add(new Member(record, MemberState.Alive, cluster.Begin));
        }

        byte[] view = new ClusterView(members, 1).Encode();
        foreach (PeerNode node in cluster.Nodes)
            node.View = view;
        return cluster;
    }

    public Certificate Certify(Identity identity, Role role) =>
        Certificate.IssueByCluster(_key, identity.PublicKey, role, Begin, Begin.AddHours(1));

    public ValueTask<MegatorrentClient> ConnectAsync(
        Role role = Role.Writer, int? manifestLengthTarget = null, int shortagePatienceMs = 0, string? site = null)
    {
        using Identity identity = Identity.Generate(SystemRandomSource.Instance);
        var credential = new Credential(identity, Certify(identity, role), new byte[32], [EntryPoint]);
        var options = new ClientOptions { Credential = credential, RequestTimeoutMs = 5_000, ShortagePatienceMs = shortagePatienceMs, Site = site };
        if (_world is not null)
        {
            options = options with
            {
                Transport = _world.Transport,
                Time = _world.Time,
                Executor = InlineExecutor.Instance,
                RequestTimeoutMs = SlowWorld.RequestTimeoutMs,
            };
        }

        return MegatorrentClient.ConnectAsync(manifestLengthTarget is { } target ? options with { ManifestLengthTarget = target } : options);
    }

    private SessionOptions Session(Identity identity, Certificate certificate)
    {
        var options = new SessionOptions { Identity = identity, Certificate = certificate, ClusterKey = _key.PublicKey.ToArray() };
        return _world is null ? options : options with { Time = _world.Time, Executor = InlineExecutor.Instance };
    }

    public async ValueTask StopAsync(int node) => await _servers[node].DisposeAsync();

    /// <summary>Starts a node that was stopped, with its blobs, where it was.</summary>
    public async ValueTask RestartAsync(int node) => _servers[node] = await PeerServer.StartAsync(
        _world?.Transport ?? TcpTransport.Instance, _servers[node].Endpoint, Session(Nodes[node].Identity, Nodes[node].Certificate), Nodes[node],
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (PeerServer server in _servers)
            await server.DisposeAsync();
        _key.Dispose();
    }
}
