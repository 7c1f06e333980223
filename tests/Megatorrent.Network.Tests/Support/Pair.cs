using Megatorrent.Core.Wire;
using Megatorrent.Network.Memory;

namespace Megatorrent.Network.Tests.Support;

/// <summary>A node and a connection to it, over memory or TCP.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private Pair(TestCluster cluster, PeerServer server, PeerConnection client, TestHandler handler, MemoryLink? link)
    {
        Cluster = cluster;
        Server = server;
        Client = client;
        Handler = handler;
        Link = link;
    }

    public TestCluster Cluster { get; }

    public PeerServer Server { get; }

    public PeerConnection Client { get; }

    public TestHandler Handler { get; }

    /// <summary>The link under the connection; null over TCP.</summary>
    public MemoryLink? Link { get; }

    public static async Task<Pair> OpenAsync(
        string over = Over.Memory, Role? role = Role.Admin, TimeProvider? time = null, Func<SessionOptions, SessionOptions>? change = null,
        MemoryTransportOptions? memory = null, Func<SessionOptions, SessionOptions>? changeServer = null)
    {
        var cluster = new TestCluster { Time = time ?? TimeProvider.System };
        var handler = new TestHandler();
        MemoryLink? link = null;
        (ITransport transport, string listen) = Over.Open(over, memory, made => link = made);
        change ??= static options => options;
        changeServer ??= change;
        PeerServer server = await PeerServer.StartAsync(
            transport, listen, changeServer(cluster.Options(Role.Node)), handler, default);
        PeerConnection client = await PeerConnection.ConnectAsync(transport, server.Endpoint, change(cluster.Options(role)), null, default);
        return new Pair(cluster, server, client, handler, link);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        Cluster.Dispose();
    }
}
