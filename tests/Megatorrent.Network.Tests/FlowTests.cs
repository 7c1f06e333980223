using Megatorrent.Core;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>Back-pressure, turns, cancel: what keeps memory bounded and heartbeats quick.</summary>
public class FlowTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void A_canceled_get_stops_here_and_there_and_leaves_the_destination_alone() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        await using var closingNode = node;
        using var cancel = new CancellationTokenSource();
        var destination = new byte[10_000];
        Task getting = client.GetAsync(default, 0, destination, cancel.Token).AsTask();
        await node.ReceiveAsync(MessageType.Get, 1);
        await node.SendAsync(MessageType.Data, 1, Blobs.Make(4_000, 1));
        await pump.IdleAsync();
        Assert.Equal(Blobs.Make(4_000, 1), destination[..4_000]);

        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => getting);
        await node.ReceiveAsync(MessageType.Cancel, 1);
        Array.Clear(destination);
        await node.SendAsync(MessageType.Data, 1, Blobs.Make(6_000, 2), FrameFlags.Last); // was under way already
        await node.SendAsync(MessageType.Error, 1, [0, 1, 0, 0]);
        await pump.IdleAsync();
        Assert.All(destination, value => Assert.Equal(0, value));
        Assert.True(client.IsOpen);
        Assert.Equal(0, client.RequestsUnderWay);
    });

    [Fact]
    public void A_canceled_store_sends_no_more_and_leaves_the_blob_to_the_caller() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, capacityBytes: 300_000);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        await using var closingNode = node;
        using var cancel = new CancellationTokenSource();
        byte[] blob = Blobs.Make(4 * MiB, 3);
        byte[] original = blob.ToArray();
        Task storing = client.StoreAsync(default, blob, default, cancel.Token).AsTask();
        await node.ReceiveAsync(MessageType.Store, 1);
        await pump.IdleAsync();
        await node.SendAsync(MessageType.Proceed, 1, []);
        await pump.IdleAsync(); // the link is full, the rest waits

        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => storing);
        Array.Clear(blob);
        int received = 0;
        while (true)
        {
            var (header, body) = await node.ReceiveAsync();
            if (header.Type == MessageType.Cancel)
                break;
            Assert.Equal(MessageType.Data, header.Type);
            Assert.True(original.AsSpan(received, body.Length).SequenceEqual(body));
            received += body.Length;
        }
        Assert.InRange(received, 1, 2 * MiB);
        await client.PingAnsweredByAsync(node);
    });

    [Theory]
    [InlineData(Over.Memory)]
    [InlineData(Over.Portable)]
    [InlineData(Over.IoUring)]
    public async Task Cancel_reaches_the_handler(string over)
    {
        await using Pair pair = await Pair.OpenAsync(over);
        var started = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        pair.Handler.Status = async (_, token) =>
        {
            using CancellationTokenRegistration registration = token.Register(() => stopped.SetResult());
            started.SetResult();
            await stopped.Task;
            token.ThrowIfCancellationRequested();
            return [];
        };
        using var cancel = new CancellationTokenSource();
        Task asking = pair.Client.StatusAsync(default, cancel.Token).AsTask();
        await started.Task;
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await stopped.Task;
        await pair.Client.PingAsync(default);
    }

    [Fact]
    public void A_token_that_has_fired_sends_nothing() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using PeerConnection client = await world.ConnectAsync();
        await pump.IdleAsync();
        long written = world.Link.ToListener.BytesWritten;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.PingAsync(new CancellationToken(true)).AsTask());
        await pump.IdleAsync();
        Assert.Equal(written, world.Link.ToListener.BytesWritten);
        await client.PingAsync(default);
    });

    [Fact]
    public void A_canceled_store_gives_its_room_back() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { MaxBytesUnderWay = 17 * MiB, MaxTotalBytesUnderWay = 17 * MiB });
        await using RawPeer client = await world.ConnectRawAsync();
        for (uint number = 1; number <= 5; number++)
        {
            await client.SendStoreAsync(number, 16 * MiB);
            await client.ReceiveAsync(MessageType.Proceed, number);
            await client.SendAsync(MessageType.Data, number, new byte[100_000], FrameFlags.Upload);
            await client.SendAsync(MessageType.Cancel, number, []);
            await client.SendAsync(MessageType.Data, number, new byte[100_000], FrameFlags.Upload); // late: dropped
        }
        await client.SendAsync(MessageType.Ping, 9, []);
        await client.ReceiveAsync(MessageType.Pong, 9);
        Assert.Empty(world.Handler.Blobs);
    });

    [Fact]
    public void Stores_wait_their_turn_on_a_connection_and_over_the_server() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { MaxBytesUnderWay = 20 * MiB, MaxTotalBytesUnderWay = 30 * MiB });
        world.Handler.Store = (_, _, _) => new ValueTask<bool>(true);
        await using RawPeer one = await world.ConnectRawAsync();
        await using RawPeer two = await world.ConnectRawAsync();
        for (uint number = 1; number <= 3; number++)
            await one.SendStoreAsync(number, 10 * MiB);
        await one.ReceiveAsync(MessageType.Proceed, 1);
        await one.ReceiveAsync(MessageType.Proceed, 2);
        await one.SendAsync(MessageType.Ping, 90, []);
        await one.ReceiveAsync(MessageType.Pong, 90); // and not Proceed 3: the connection has its 20 MiB under way

        await two.SendStoreAsync(1, 10 * MiB);
        await two.ReceiveAsync(MessageType.Proceed, 1);
        await two.SendStoreAsync(2, 10 * MiB);
        await two.SendAsync(MessageType.Ping, 91, []);
        await two.ReceiveAsync(MessageType.Pong, 91); // the server has its 30 MiB under way

        await UploadAsync(one, 1, 10 * MiB);
        await one.ReceiveAsync(MessageType.Stored, 1);
        await two.ReceiveAsync(MessageType.Proceed, 2); // it had stood in the server's line before store 3 of the other
        await UploadAsync(one, 2, 10 * MiB);
        await one.ReceiveAsync(MessageType.Stored, 2);
        await one.ReceiveAsync(MessageType.Proceed, 3);
    });

    [Fact]
    public void A_peer_that_does_not_read_holds_no_more_than_its_share() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { MaxBytesUnderWay = 20 * MiB }, capacityBytes: 100_000);
        int lent = 0;
        world.Handler.Get = (_, _, length, _) =>
        {
            lent++;
            return new ValueTask<BlobLease>(BlobLease.Rent(length));
        };
        RawPeer client = await world.ConnectRawAsync();
        for (uint number = 1; number <= 100; number++)
            await client.SendGetAsync(number, MiB);
        await pump.IdleAsync();
        Assert.Equal(20, lent);

        for (int frames = 0; frames < 4 * 30; frames++)
            await client.ReceiveAsync();
        await pump.IdleAsync();
        Assert.InRange(lent, 40, 60); // what was read made room for as much again

        // It never reads on: the node gives up on it.
        await world.AdvanceAsync(40_000);
        SessionEvent closed = world.Events[^1];
        Assert.Equal(SessionEventKind.Closed, closed.Kind);
        Assert.Equal(ErrorKind.Timeout, closed.Reason!.Kind);
        Assert.Contains("read nothing", closed.Reason.Message);
        Assert.Equal(0, world.Server.ConnectionCount);
        await client.DisposeAsync();
    });

    [Fact]
    public void Transfers_take_turns_and_heartbeats_go_first() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, capacityBytes: 100_000);
        await using PeerConnection client = await world.ConnectAsync();
        world.Handler.Get = static (_, _, length, _) => new ValueTask<BlobLease>(BlobLease.Rent(length));
        world.Link.ToConnector.IsPaused = true;
        Task large = client.GetAsync(default, 0, new byte[16 * MiB], default).AsTask();
        await pump.IdleAsync();
        Task small = client.GetAsync(default, 0, new byte[MiB], default).AsTask();
        await pump.IdleAsync();
        Task ping = client.PingAsync(default).AsTask();
        await pump.IdleAsync();
        long before = world.Link.ToConnector.BytesWritten;
        world.Link.ToConnector.IsPaused = false;

        await ping;
        Assert.False(small.IsCompleted);
        Assert.InRange(world.Link.ToConnector.BytesWritten - before, 0, 2 * MiB); // the batch that was on its way, and the next
        await small;
        Assert.False(large.IsCompleted);
        Assert.InRange(world.Link.ToConnector.BytesWritten - before, MiB, 4 * MiB);
        await large;
    });

    [Fact]
    public void Requests_beyond_the_limit_are_refused_and_the_others_go_on() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { MaxRequestsUnderWay = 5 });
        var gate = new TaskCompletionSource();
        world.Handler.Status = async (_, _) =>
        {
            await gate.Task;
            return [];
        };
        await using RawPeer client = await world.ConnectRawAsync();
        for (uint number = 1; number <= 6; number++)
            await client.SendAsync(MessageType.Status, number, []);
        ErrorMessage error = await client.ReceiveErrorAsync(6);
        Assert.Equal(ErrorKind.LimitExceeded, error.Kind);
        Assert.Contains("5", error.Text);
        await client.SendAsync(MessageType.Gossip, 7, []); // control requests have turns of their own
        await client.ReceiveAsync(MessageType.GossipReply, 7);
        gate.SetResult();
        for (uint number = 1; number <= 5; number++)
            await client.ReceiveAsync(MessageType.StatusReply, number);
        await client.SendAsync(MessageType.Status, 8, []);
        await client.ReceiveAsync(MessageType.StatusReply, 8);
    });

    [Fact]
    public void A_caller_waits_for_a_turn_instead_of_being_refused() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { MaxRequestsUnderWay = 3 });
        int running = 0, most = 0;
        world.Handler.Status = async (_, _) =>
        {
            most = Math.Max(most, ++running);
            await Task.Yield();
            running--;
            return [];
        };
        await using PeerConnection client = await world.ConnectAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.StatusAsync(default, default).AsTask()));
        Assert.Equal(3, most);
    });

    [Fact]
    public void Cancelling_cannot_pile_handlers_up() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, server: options => options with { MaxRequestsUnderWay = 4 });
        var gate = new TaskCompletionSource();
        int started = 0;
        world.Handler.Status = async (_, _) =>
        {
            started++;
            await gate.Task; // deaf to its token
            return [];
        };
        await using RawPeer client = await world.ConnectRawAsync();
        for (uint number = 1; number <= 200; number++)
        {
            await client.SendAsync(MessageType.Status, number, []);
            await client.SendAsync(MessageType.Cancel, number, []);
        }
        await pump.IdleAsync();
        Assert.Equal(2 * (4 + MessageLimits.MaxControlRequestsUnderWay), started);
        gate.SetResult();
    });

    [Fact]
    public void A_flood_without_reading_ends_the_session() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump, capacityBytes: 100_000);
        await using RawPeer client = await world.ConnectRawAsync();
        world.Link.ToConnector.IsPaused = true;
        for (uint number = 1; number <= 10_000; number++)
            await client.SendAsync(MessageType.Ping, number, []);
        await pump.IdleAsync();
        Assert.Equal(ErrorKind.LimitExceeded, world.Events.Last(e => e.Kind == SessionEventKind.Closed).Reason!.Kind);
    });

    [Fact]
    public void A_stranger_gets_few_turns() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        world.Handler.Authorization = (_, _) => { };
        world.Handler.Status = async (_, token) =>
        {
            await Forever.WaitAsync(token);
            return [];
        };
        await using RawPeer client = await world.ConnectRawAsync(role: null);
        for (uint number = 1; number <= MessageLimits.MaxUnauthenticatedRequestsUnderWay + 1; number++)
            await client.SendAsync(MessageType.Status, number, []);
        Assert.Equal(ErrorKind.LimitExceeded, (await client.ReceiveErrorAsync(MessageLimits.MaxUnauthenticatedRequestsUnderWay + 1)).Kind);
    });

    [Fact]
    public void A_server_holds_no_more_connections_than_it_may() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(
            pump, server: options => options with { MaxConnections = 3, MaxUnauthenticatedConnections = 2 });
        await using PeerConnection stranger1 = await world.ConnectAsync(role: null);
        PeerConnection stranger2 = await world.ConnectAsync(role: null);
        await RefusedAsync("2 connections without a certificate");
        await stranger2.DisposeAsync();
        await pump.IdleAsync();
        await using PeerConnection member1 = await world.ConnectAsync();
        await using PeerConnection member2 = await world.ConnectAsync();
        await RefusedAsync("3 connections");
        Assert.Equal(3, world.Server.ConnectionCount);

        async Task RefusedAsync(string says)
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(() => world.ConnectAsync().AsTask());
            Assert.Equal(ErrorKind.Unreachable, exception.Kind);
            Assert.Contains(says, world.Events[^1].Reason!.Message);
        }
    });

    [Fact]
    public void Disposing_a_server_cancels_its_handlers_and_waits_for_them() => Pump.Run(async pump =>
    {
        World world = await World.CreateAsync(pump);
        bool ended = false;
        var started = new TaskCompletionSource();
        world.Handler.Status = async (_, token) =>
        {
            started.SetResult();
            try
            {
                await Forever.WaitAsync(token);
            }
            finally
            {
                await Task.Yield();
                ended = true;
            }
            return [];
        };
        await using PeerConnection client = await world.ConnectAsync();
        Task asking = client.StatusAsync(default, default).AsTask();
        await started.Task;
        await world.DisposeAsync();
        Assert.True(ended);
        Assert.Equal(ErrorKind.Unreachable, (await Assert.ThrowsAsync<MegatorrentException>(() => asking)).Kind);
        Assert.False(client.IsOpen);
        Assert.True(client.Closed.IsCancellationRequested);
        await Assert.ThrowsAsync<MegatorrentException>(() => client.PingAsync(default).AsTask());
    });

    private static async Task UploadAsync(RawPeer peer, uint number, int length)
    {
        for (int sent = 0; sent < length;)
        {
            int count = Math.Min(MessageLimits.MaxDataLength, length - sent);
            sent += count;
            await peer.SendAsync(MessageType.Data, number, new byte[count], sent == length ? FrameFlags.Upload | FrameFlags.Last : FrameFlags.Upload);
        }
    }
}
