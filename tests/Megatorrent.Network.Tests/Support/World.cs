using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Memory;

namespace Megatorrent.Network.Tests.Support;

/// <summary>A node, a clock that stands still and a network in memory, all on one <see cref="Pump"/>.</summary>
internal sealed class World : IAsyncDisposable
{
    private World(Pump pump) => Pump = pump;

    public Pump Pump { get; }

    public required ManualTime Time { get; init; }

    public required TestCluster Cluster { get; init; }

    public required MemoryTransport Transport { get; init; }

    public TestHandler Handler { get; } = new();

    public List<SessionEvent> Events { get; } = [];

    public PeerServer Server { get; private set; } = null!;

    /// <summary>The last link that was made.</summary>
    public MemoryLink Link { get; private set; } = null!;

    public Action<MemoryLink>? Connected { get; set; }

    public required SeededRandomSource Random { get; init; }

    public static async Task<World> CreateAsync(
        Pump pump, ulong seed = 1, Func<SessionOptions, SessionOptions>? server = null, int capacityBytes = 256 * 1024, int maxReadBytes = int.MaxValue,
        int latencyMs = 0)
    {
        var time = new ManualTime();
        var random = new SeededRandomSource(seed);
        var world = new World(pump)
        {
            Time = time,
            Random = random,
            Cluster = new TestCluster { Time = time, Random = random },
            Transport = new MemoryTransport(
                new MemoryTransportOptions { Time = time, CapacityBytes = capacityBytes, MaxReadBytes = maxReadBytes, LatencyMs = latencyMs }),
        };
        world.Transport.Connected = link =>
        {
            world.Link = link;
            world.Connected?.Invoke(link);
        };
        SessionOptions options = world.Options(Role.Node) with { Observer = world.Events.Add };
        world.Server = await PeerServer.StartAsync(world.Transport, "node:0", server?.Invoke(options) ?? options, world.Handler, default);
        return world;
    }

    public SessionOptions Options(Role? role) =>
        Cluster.Options(role) with { Executor = InlineExecutor.Instance, Random = Random };

    public ValueTask<PeerConnection> ConnectAsync(Role? role = Role.Admin, Func<SessionOptions, SessionOptions>? change = null)
    {
        SessionOptions options = Options(role);
        return PeerConnection.ConnectAsync(Transport, Server.Endpoint, change?.Invoke(options) ?? options, null, default);
    }

    public Task<RawPeer> ConnectRawAsync(Role? role = Role.Admin, bool hello = true) =>
        RawPeer.ConnectAsync(Transport, Server.Endpoint, Options(role), hello);

    /// <summary>A connection whose other side the test plays by hand.</summary>
    public async Task<(PeerConnection Client, RawPeer Node)> ConnectToRawAsync(
        Role? role = Role.Admin, Func<SessionOptions, SessionOptions>? change = null)
    {
        ITransportListener listener = await Transport.ListenAsync("raw:0", default);
        Task<RawPeer> accepting = RawPeer.AcceptAsync(listener, Options(Role.Node));
        SessionOptions options = Options(role);
        PeerConnection client = await PeerConnection.ConnectAsync(Transport, listener.Endpoint, change?.Invoke(options) ?? options, null, default);
        return (client, await accepting);
    }

    /// <summary>Lets time pass, from one timer to the next, and everything run that each sets going.</summary>
    public async Task AdvanceAsync(int milliseconds)
    {
        var left = TimeSpan.FromMilliseconds(milliseconds);
        await Pump.IdleAsync();
        while (left > TimeSpan.Zero)
        {
            TimeSpan step = Time.NextTimerIn is { } next && next < left ? next : left;
            Time.Advance(step);
            left -= step;
            await Pump.IdleAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Assert.Equal(0, Server.ConnectionCount);
        Cluster.Dispose();
    }
}
