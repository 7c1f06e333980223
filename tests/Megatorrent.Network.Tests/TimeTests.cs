using System.Text;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>Handshakes that stall or go wrong, silence, and requests that get nowhere; the clock moves only when told to.</summary>
public class TimeTests
{
    [Fact]
    public void A_handshake_that_stalls_is_a_Timeout_to_who_connects() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        world.Connected = link => link.ToConnector.IsPaused = true;
        Task connecting = world.ConnectAsync().AsTask();
        await world.AdvanceAsync(9_000);
        Assert.False(connecting.IsCompleted);
        await world.AdvanceAsync(2_000);
        var exception = await Assert.ThrowsAsync<MegatorrentException>(() => connecting);
        Assert.Equal(ErrorKind.Timeout, exception.Kind);
        Assert.Contains("node:10000", exception.Message);
        Assert.Contains("10 s", exception.Message);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20)]
    public void A_handshake_that_stalls_is_a_Timeout_to_who_accepts(int sent) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using ITransportConnection silent = await world.Transport.ConnectAsync(world.Server.Endpoint, default);
        if (sent > 0)
            await silent.WriteAsync(Encoding.ASCII.GetBytes("MTWIRE\u0001\u0001\0\u0020............")[..sent], default);
        await world.AdvanceAsync(9_000);
        Assert.Equal(1, world.Server.ConnectionCount);
        await world.AdvanceAsync(2_000);
        Assert.Equal(0, world.Server.ConnectionCount);
        SessionEvent seen = Assert.Single(world.Events);
        Assert.Equal(SessionEventKind.Refused, seen.Kind);
        Assert.Equal(ErrorKind.Timeout, seen.Reason!.Kind);
        await Assert.ThrowsAsync<MegatorrentException>(() => silent.ReadAsync(new byte[1], default).AsTask());
    });

    [Fact]
    public void A_peer_that_never_says_hello_is_let_go() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using RawPeer client = await world.ConnectRawAsync(hello: false);
        await world.AdvanceAsync(10_000);
        Assert.Equal(ErrorKind.Timeout, (await client.ReceiveEndAsync()).Kind);
        await world.AdvanceAsync(2_000);
        Assert.Equal(0, world.Server.ConnectionCount);
    });

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", ErrorKind.ProtocolViolation)]
    [InlineData("\u0013BitTorrent protocol", ErrorKind.ProtocolViolation)]
    [InlineData("MTWIRE\u0002\u0001", ErrorKind.Unsupported)]
    [InlineData("MTWIRE\u0001\u0009", ErrorKind.Unsupported)]
    [InlineData("MTWIRE\u0001\u0001\u007f\u007f", ErrorKind.ProtocolViolation)] // a first message of 32 KiB
    [InlineData("MTWIRE\u0001\u0001\0\u0004abcd", ErrorKind.ProtocolViolation)] // one too short for a key
    public void Wrong_bytes_before_the_handshake_are_refused(string bytes, ErrorKind kind) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using ITransportConnection stray = await world.Transport.ConnectAsync(world.Server.Endpoint, default);
        await stray.WriteAsync(Encoding.Latin1.GetBytes(bytes), default);
        await pump.IdleAsync();
        SessionEvent seen = Assert.Single(world.Events);
        Assert.Equal(SessionEventKind.Refused, seen.Kind);
        Assert.Equal(kind, seen.Reason!.Kind);
        Assert.Equal(0, world.Server.ConnectionCount);
    });

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", ErrorKind.ProtocolViolation)]
    [InlineData("", ErrorKind.Unreachable)]
    public void Connecting_to_something_else_says_so(string answer, ErrorKind kind) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using ITransportListener listener = await world.Transport.ListenAsync("web:80", default);
        Task<PeerConnection> connecting = PeerConnection.ConnectAsync(world.Transport, "web:80", world.Options(Role.Admin), null, default).AsTask();
        await using ITransportConnection web = await listener.AcceptAsync(default);
        await web.WriteAsync(Encoding.ASCII.GetBytes(answer), default);
        web.CompleteWriting();
        var exception = await Assert.ThrowsAsync<MegatorrentException>(() => connecting);
        Assert.Equal(kind, exception.Kind);
        Assert.Contains("web:80", exception.Message);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_handshakes_are_refused(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        for (int round = 0; round < 60; round++)
        {
            int position = random.Next(560);
            bool toListener = random.Next(2) == 0;
            Pump.Run(async pump =>
            {
                await using World world = await World.CreateAsync(pump, (ulong)seed);
                world.Connected = link => (toListener ? link.ToListener : link.ToConnector).CorruptByteAt = position;
                Task<PeerConnection> connecting = world.ConnectAsync().AsTask();
                await world.AdvanceAsync(15_000);
                try
                {
                    await using PeerConnection client = await connecting;
                    // Past the handshake: the session's first records, whose corruption shows when they are read.
                    await Assert.ThrowsAsync<MegatorrentException>(async () =>
                    {
                        for (int pings = 0; pings < 20; pings++)
                        {
                            Task pinging = client.PingAsync(default).AsTask();
                            await world.AdvanceAsync(60_000);
                            await pinging;
                        }
                    });
                }
                catch (MegatorrentException)
                {
                }
                await world.AdvanceAsync(90_000);
                Assert.True(world.Server.ConnectionCount == 0, $"seed {seed}, round {round}, byte {position}");
            });
        }
    }

    [Fact]
    public void A_request_that_gets_nowhere_is_a_Timeout_and_is_canceled_there() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        await using var closingNode = node;
        Task getting = client.GetAsync(default, 0, new byte[100], default).AsTask();
        Task asking = client.StatusAsync(default, default).AsTask();
        await node.ReceiveAsync(MessageType.Get, 1);
        await node.ReceiveAsync(MessageType.Status, 2);
        await world.AdvanceAsync(15_000);
        await node.SendAsync(MessageType.Data, 1, new byte[50]); // progress
        await world.AdvanceAsync(14_000);
        Assert.False(asking.IsCompleted);
        await world.AdvanceAsync(10_000);

        var exception = await Assert.ThrowsAsync<MegatorrentException>(() => asking);
        Assert.Equal(ErrorKind.Timeout, exception.Kind);
        Assert.Contains("status request", exception.Message);
        Assert.False(getting.IsCompleted);
        await node.ReceiveAsync(MessageType.Ping, 3); // kept alive meanwhile
        await node.ReceiveAsync(MessageType.Cancel, 2);
        await node.SendAsync(MessageType.Pong, 3, []);
        await node.SendAsync(MessageType.Data, 1, new byte[50], FrameFlags.Last);
        await getting;
    });

    [Fact]
    public void A_store_whose_data_stops_coming_is_given_up() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        world.Handler.Store = (_, _, _) => throw new InvalidOperationException("no store may come through");
        await using RawPeer client = await world.ConnectRawAsync();
        await client.SendStoreAsync(1, 1000);
        await client.ReceiveAsync(MessageType.Proceed, 1);
        await client.SendAsync(MessageType.Data, 1, new byte[500], FrameFlags.Upload);
        await world.AdvanceAsync(20_000);
        await client.SendAsync(MessageType.Data, 1, new byte[100], FrameFlags.Upload);
        await world.AdvanceAsync(20_000);
        await client.SendAsync(MessageType.Ping, 2, []);
        await world.AdvanceAsync(20_000);

        var seen = new List<FrameHeader>();
        while (seen.LastOrDefault().Type != MessageType.Error)
            seen.Add((await client.ReceiveAsync()).Header);
        Assert.Equal(1u, seen[^1].RequestNumber);
        await client.SendAsync(MessageType.Data, 1, new byte[400], FrameFlags.Upload | FrameFlags.Last); // late: dropped
        await client.SendAsync(MessageType.Status, 3, []);
        await client.ReceiveAsync(MessageType.StatusReply, 3);
    });

    [Fact]
    public void Silence_ends_a_session_and_pings_keep_a_quiet_one() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using PeerConnection client = await world.ConnectAsync();
        for (int minute = 0; minute < 10; minute++)
            await world.AdvanceAsync(60_000);
        Assert.True(client.IsOpen);
        await client.PingAsync(default);

        world.Link.ToConnector.IsPaused = true;
        world.Link.ToListener.IsPaused = true;
        Task pinging = client.PingAsync(default).AsTask();
        Task waiting = Assert.ThrowsAsync<MegatorrentException>(() => pinging);
        await world.AdvanceAsync(70_000);
        Assert.False(client.IsOpen);
        await waiting;
        await world.AdvanceAsync(2_000);
        Assert.Equal(0, world.Server.ConnectionCount);
        Assert.Contains("nothing was heard", world.Events.Last(e => e.Kind == SessionEventKind.Closed).Reason!.Message);
    });

    [Fact]
    public void A_peer_with_a_short_idle_timeout_is_kept_awake() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { IdleTimeoutMs = 3_000, RequestTimeoutMs = 3_000 });
        await using PeerConnection client = await world.ConnectAsync(change: options => options with { RequestTimeoutMs = 1_000 });
        for (int second = 0; second < 30; second++)
            await world.AdvanceAsync(1_000);
        Assert.True(client.IsOpen);
    });

    [Fact]
    public void Latency_is_the_clocks() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, latencyMs: 100);
        Task<PeerConnection> connecting = world.ConnectAsync().AsTask();
        for (int leg = 0; leg < 3; leg++)
        {
            Assert.False(connecting.IsCompleted);
            await world.AdvanceAsync(100);
        }
        await world.AdvanceAsync(100); // hello
        await using PeerConnection client = await connecting;
        Task pinging = client.PingAsync(default).AsTask();
        await world.AdvanceAsync(199);
        Assert.False(pinging.IsCompleted);
        await world.AdvanceAsync(1);
        await pinging;
    });
}
