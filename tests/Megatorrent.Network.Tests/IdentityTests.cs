using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Memory;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>Who may open a session, and what each may do in it.</summary>
public class IdentityTests
{
    private static readonly MessageType[] Requests =
    [
        MessageType.Ping, MessageType.Get, MessageType.Want, MessageType.Store, MessageType.Find, MessageType.Status, MessageType.Gossip,
        MessageType.Probe, MessageType.Join, MessageType.Notice,
    ];

    [Theory]
    [InlineData(null, "Ping Join")]
    [InlineData(Role.Reader, "Ping Get Want Find Status Join Notice")]
    [InlineData(Role.Writer, "Ping Get Want Store Find Status Join Notice")]
    [InlineData(Role.Node, "Ping Get Want Store Find Status Gossip Probe Join Notice")]
    [InlineData(Role.Admin, "Ping Get Want Store Find Status Gossip Probe Join Notice")]
    public async Task Each_role_may_do_this_and_no_more(Role? role, string allowed)
    {
        Assert.Equal(allowed, string.Join(' ', Requests.Where(type => RoleRules.IsAllowed(role, type))));

        await using Pair pair = await Pair.OpenAsync(role: role);
        byte[] blob = [1, 2, 3];
        var id = pair.Handler.Add(blob);
        foreach (MessageType type in Requests)
        {
            try
            {
                await RequestAsync(pair.Client, type, id, blob);
                Assert.True(RoleRules.IsAllowed(role, type), $"{type} was allowed");
            }
            catch (MegatorrentException exception)
            {
                Assert.False(RoleRules.IsAllowed(role, type), $"{type} was refused: {exception.Message}");
                Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
                string needed = RoleRules.IsAllowed(Role.Reader, type) ? "a reader's certificate"
                    : RoleRules.IsAllowed(Role.Writer, type) ? "a writer's certificate" : "a node's certificate";
                Assert.Contains(needed, exception.Message);
                Assert.Contains(role is null ? "none was shown" : $"this one is a {role.ToString()!.ToLowerInvariant()}'s", exception.Message);
            }
        }
        Assert.True(pair.Client.IsOpen);
    }

    [Theory]
    [InlineData(Over.Memory)]
    [InlineData(Over.Portable)]
    [InlineData(Over.IoUring)]
    public async Task Another_identity_than_expected_is_refused_before_we_show_ours(string over)
    {
        using var cluster = new TestCluster();
        (ITransport transport, string listen) = Over.Open(over);
        var refused = new TaskCompletionSource<SessionEvent>();
        await using PeerServer server = await ServeAsync(transport, cluster.Options(Role.Node) with { Observer = e => refused.TrySetResult(e) }, listen);
        SessionOptions options = cluster.Options(Role.Admin);
        NodeId other = options.Identity.Id;
        var exception = await Assert.ThrowsAsync<MegatorrentException>(
            () => PeerConnection.ConnectAsync(transport, server.Endpoint, options, other, default).AsTask());
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains(other.ToShortString(), exception.Message);
        Assert.Contains(server.Endpoint, exception.Message);
        SessionEvent seen = await refused.Task;
        Assert.Equal(SessionEventKind.Refused, seen.Kind);
        Assert.Null(seen.Peer);
    }

    [Theory]
    [InlineData(Over.Memory)]
    [InlineData(Over.Portable)]
    [InlineData(Over.IoUring)]
    public async Task A_certificate_that_is_not_valid_is_refused_with_the_reason(string over)
    {
        using var cluster = new TestCluster();
        using var foreign = new TestCluster();
        (ITransport transport, string listen) = Over.Open(over);
        await using PeerServer server = await ServeAsync(transport, cluster.Options(Role.Node), listen);

        SessionOptions expired = cluster.Options(Role.Writer, expires: DateTimeOffset.UtcNow.AddDays(-1));
        await RefusedAsync(expired, "expired");
        SessionOptions stranger = foreign.Options(Role.Writer) with { ClusterKey = cluster.Key };
        await RefusedAsync(stranger, "cluster");

        // And the other way round: a node of another cluster is refused by us, and learns nothing of who we are.
        await RefusedAsync(foreign.Options(Role.Writer), "cluster");
        await using PeerServer expiredServer = await ServeAsync(transport, cluster.Options(Role.Node, DateTimeOffset.UtcNow.AddDays(-1)), listen);
        await RefusedAsync(cluster.Options(Role.Writer), "expired", expiredServer.Endpoint);

        async Task RefusedAsync(SessionOptions options, string says, string? endpoint = null)
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(
                () => PeerConnection.ConnectAsync(transport, endpoint ?? server.Endpoint, options, null, default).AsTask());
            Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
            Assert.Contains(says, exception.Message);
            Assert.Contains(endpoint ?? server.Endpoint, exception.Message);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Role.Reader)]
    [InlineData(Role.Writer)]
    public async Task Only_a_node_may_serve(Role? role)
    {
        using var cluster = new TestCluster();
        var transport = new MemoryTransport();
        await using PeerServer server = await ServeAsync(transport, cluster.Options(role), "node:0");
        var exception = await Assert.ThrowsAsync<MegatorrentException>(
            () => PeerConnection.ConnectAsync(transport, server.Endpoint, cluster.Options(Role.Admin), null, default).AsTask());
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("no node of the cluster", exception.Message);
    }

    [Fact]
    public async Task Both_sides_know_who_is_there()
    {
        using var cluster = new TestCluster();
        var transport = new MemoryTransport();
        SessionOptions node = cluster.Options(Role.Node);
        SessionOptions writer = cluster.Options(Role.Writer);
        var handler = new TestHandler();
        PeerIdentity? seen = null;
        handler.Authorization = (peer, _) => seen = peer;
        await using PeerServer server = await PeerServer.StartAsync(transport, "node:0", node, handler, default);
        await using PeerConnection client = await PeerConnection.ConnectAsync(transport, server.Endpoint, writer, node.Identity.Id, default);
        await client.StatusAsync(default, default);
        Assert.Equal(writer.Identity.Id, seen!.Id);
        Assert.Equal(Role.Writer, seen.Role);
        Assert.Equal(node.Identity.Id, client.Remote.Id);
        Assert.Equal(Role.Node, client.Remote.Role);
        Assert.Equal(server.Endpoint, client.RemoteEndpoint);
    }

    [Fact]
    public void A_certificate_that_expires_during_the_session_ends_it() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        SessionOptions options = world.Cluster.Options(Role.Writer, world.Time.GetUtcNow().AddSeconds(90));
        await using PeerConnection client = await PeerConnection.ConnectAsync(world.Transport, world.Server.Endpoint, options, null, default);
        await world.AdvanceAsync(60_000);
        await client.PingAsync(default);
        await world.AdvanceAsync(40_000);
        Assert.False(client.IsOpen);
        var exception = await Assert.ThrowsAsync<MegatorrentException>(() => client.PingAsync(default).AsTask());
        Assert.Equal(ErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("expired", exception.Message);
    });

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        using var cluster = new TestCluster();
        SessionOptions good = cluster.Options(Role.Node);
        good.Validate();
        foreach (var (options, name) in ((SessionOptions, string)[])
        [
            (good with { ClusterKey = new byte[31] }, nameof(SessionOptions.ClusterKey)),
            (good with { Certificate = cluster.Options(Role.Node).Certificate }, nameof(SessionOptions.Certificate)),
            (good with { Suite = 0 }, nameof(SessionOptions.Suite)),
            (good with { HandshakeTimeoutMs = 0 }, nameof(SessionOptions.HandshakeTimeoutMs)),
            (good with { RequestTimeoutMs = -1 }, nameof(SessionOptions.RequestTimeoutMs)),
            (good with { IdleTimeoutMs = 1 }, nameof(SessionOptions.IdleTimeoutMs)),
            (good with { PoolIdleMs = 0 }, nameof(SessionOptions.PoolIdleMs)),
            (good with { MaxRequestsUnderWay = 0 }, nameof(SessionOptions.MaxRequestsUnderWay)),
            (good with { MaxBytesUnderWay = 1 }, nameof(SessionOptions.MaxBytesUnderWay)),
            (good with { MaxTotalBytesUnderWay = 1 }, nameof(SessionOptions.MaxTotalBytesUnderWay)),
            (good with { MaxConnections = 0 }, nameof(SessionOptions.MaxConnections)),
            (good with { MaxUnauthenticatedConnections = 0 }, nameof(SessionOptions.MaxUnauthenticatedConnections)),
        ])
        {
            var exception = Assert.Throws<MegatorrentException>(options.Validate);
            Assert.Equal(ErrorKind.InvalidArgument, exception.Kind);
            Assert.Contains(name, exception.Message);
        }
    }

    private static ValueTask<PeerServer> ServeAsync(ITransport transport, SessionOptions options, string listen) =>
        PeerServer.StartAsync(transport, listen, options, new TestHandler(), default);

    private static async Task RequestAsync(PeerConnection client, MessageType type, Core.Hashing.BlobId id, byte[] blob)
    {
        switch (type)
        {
            case MessageType.Ping: await client.PingAsync(default); break;
            case MessageType.Get: await client.GetAsync(id, 0, new byte[blob.Length], default); break;
            case MessageType.Want: await client.WantAsync(new[] { id }, default); break;
            case MessageType.Store: await client.StoreAsync(id, blob, default, default); break;
            case MessageType.Find: await client.FindAsync(new[] { id }, default); break;
            case MessageType.Status: await client.StatusAsync(default, default); break;
            case MessageType.Gossip: await client.GossipAsync(default, default); break;
            case MessageType.Probe: await client.ProbeAsync(default, default); break;
            case MessageType.Join: await client.JoinAsync(default, default); break;
            default: await client.NoticeAsync(id, NoticeKind.Missing, default); break;
        }
    }
}
