using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Memory;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>Cuts, corruption and peers that break the rules.</summary>
public class FaultTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_cut_at_any_byte_fails_what_is_under_way_and_nothing_else(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        for (int round = 0; round < 25; round++)
        {
            bool toListener = random.Next(2) == 0;
            long position = random.Next(3) == 0 ? random.Next(2_000) : random.Next(900_000);
            Pump.Run(async pump =>
            {
                await using World world = await World.CreateAsync(pump, (ulong)seed, capacityBytes: 70_000);
                world.Connected = link => (toListener ? link.ToListener : link.ToConnector).CutAfterBytes = position;
                ErrorKind?[] ends = await ExchangeAsync(world);
                Assert.All(ends, end => Assert.True(end is null or ErrorKind.Unreachable, $"seed {seed}, round {round}, cut at {position}: {end}"));
                await pump.IdleAsync();
                Assert.Equal(0, world.Server.ConnectionCount);
            });
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_flipped_bit_anywhere_never_passes(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        for (int round = 0; round < 25; round++)
        {
            bool toListener = random.Next(2) == 0;
            long position = random.Next(3) == 0 ? random.Next(2_000) : random.Next(700_000);
            Pump.Run(async pump =>
            {
                await using World world = await World.CreateAsync(pump, (ulong)seed, capacityBytes: 70_000);
                world.Connected = link => (toListener ? link.ToListener : link.ToConnector).CorruptByteAt = position;
                Task<ErrorKind?[]> exchanging = ExchangeAsync(world);
                // A length field that grew waits for bytes that never come, until the timeouts strike.
                for (int minute = 0; minute < 4 && !exchanging.IsCompleted; minute++)
                    await world.AdvanceAsync(60_000);
                ErrorKind?[] ends = await exchanging;
                Assert.All(ends, end => Assert.True(
                    end is null or ErrorKind.Integrity or ErrorKind.ProtocolViolation or ErrorKind.Unreachable or ErrorKind.Timeout
                        or ErrorKind.Unauthorized or ErrorKind.Unsupported,
                    $"seed {seed}, round {round}, flipped at {position}: {end}"));
                if (world.Link.ToListener.BytesWritten > position && world.Link.ToConnector.BytesWritten > position)
                    Assert.Contains(ends, end => end is not null);
            });
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_corrupted_ciphertext_byte_closes_the_session_with_Integrity_on_both_sides(bool toListener) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using PeerConnection client = await world.ConnectAsync();
        await pump.IdleAsync();
        MemoryPipe pipe = toListener ? world.Link.ToListener : world.Link.ToConnector;
        pipe.CorruptByteAt = pipe.BytesWritten + 10; // inside the next record, past its length
        Task pinging = client.PingAsync(default).AsTask();
        Task asking = client.StatusAsync(new byte[100], default).AsTask();
        foreach (Task request in (Task[])[pinging, asking])
            Assert.Equal(ErrorKind.Integrity, (await Assert.ThrowsAsync<MegatorrentException>(() => request)).Kind);
        Assert.False(client.IsOpen);
        await pump.IdleAsync();
        Assert.Equal(ErrorKind.Integrity, world.Events.Last(e => e.Kind == SessionEventKind.Closed).Reason!.Kind);
        Assert.Equal(0, world.Server.ConnectionCount);
    });

    [Theory]
    [InlineData("ffffffff" + "05000000" + "00000001", "4294967295")] // 4 GiB
    [InlineData("00000008" + "63000000" + "00000001", "unknown type 99")]
    [InlineData("00000008" + "02000000" + "00000000", "request number 0")]
    [InlineData("0000001c" + "01000000" + "00000000" + "00010001" + "00000000" + "00000001" + "00000001" + "00000001", "hello twice")]
    public void A_frame_that_breaks_the_rules_ends_the_session(string hex, string says) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using (RawPeer client = await world.ConnectRawAsync())
        {
            await client.SendBytesAsync(Convert.FromHexString(hex));
            ErrorMessage error = await client.ReceiveEndAsync();
            Assert.Equal(ErrorKind.ProtocolViolation, error.Kind);
            Assert.Contains(says, error.Text);
        }

        // And the other way round: the caller learns it, by name of the peer.
        var (caller, node) = await world.ConnectToRawAsync();
        await using var closingCaller = caller;
        await using var closingNode = node;
        Task asking = caller.StatusAsync(default, default).AsTask();
        await node.ReceiveAsync(MessageType.Status, 1);
        await node.SendBytesAsync(Convert.FromHexString(hex));
        var exception = await Assert.ThrowsAsync<MegatorrentException>(() => asking);
        Assert.Equal(ErrorKind.ProtocolViolation, exception.Kind);
        Assert.Contains(says, exception.Message);
        Assert.Contains(caller.RemoteEndpoint, exception.Message);
        Assert.False(caller.IsOpen);
    });

    [Fact]
    public void A_body_that_does_not_parse_ends_the_session() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        await using RawPeer client = await world.ConnectRawAsync();
        await client.SendAsync(MessageType.Want, 1, [0, 2, 1, 2, 3]);
        ErrorMessage error = await client.ReceiveEndAsync();
        Assert.Equal(ErrorKind.Malformed, error.Kind);
        Assert.Contains("Want", error.Text);
    });

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void A_truncated_frame_is_Unreachable_to_every_request(int sent) => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        Task[] requests = [.. Enumerable.Range(0, 5).Select(_ => client.GetAsync(default, 0, new byte[100], default).AsTask())];
        await node.ReceiveAsync(MessageType.Get, 1);
        var frame = new byte[FrameHeader.Length + 100];
        new FrameHeader(MessageType.Data, FrameFlags.Last, 1, 100).Write(frame);
        await node.SendBytesAsync(frame[..sent]);
        node.Connection.CompleteWriting();
        foreach (Task request in requests)
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(() => request);
            Assert.Equal(ErrorKind.Unreachable, exception.Kind);
            Assert.Contains("middle of a message", exception.Message);
        }
        await node.DisposeAsync();
    });

    [Fact]
    public void Data_that_was_not_asked_for_breaks_the_protocol() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);

        await EndsAsync("where 100 were asked for", async node => await node.SendAsync(MessageType.Data, 1, new byte[101]));
        await EndsAsync("where 100 were asked for", async node => await node.SendAsync(MessageType.Data, 1, new byte[99], FrameFlags.Last));
        await EndsAsync("answered a Get request with StatusReply", async node => await node.SendAsync(MessageType.StatusReply, 1, []));
        await EndsAsync("does not wait for that", async node => await node.SendAsync(MessageType.Proceed, 1, []));

        async Task EndsAsync(string says, Func<RawPeer, Task> act)
        {
            var (client, node) = await world.ConnectToRawAsync();
            await using var closingClient = client;
            await using var closingNode = node;
            Task getting = client.GetAsync(default, 0, new byte[100], default).AsTask();
            await node.ReceiveAsync(MessageType.Get, 1);
            await act(node);
            var exception = await Assert.ThrowsAsync<MegatorrentException>(() => getting);
            Assert.Equal(ErrorKind.ProtocolViolation, exception.Kind);
            Assert.Contains(says, exception.Message);
        }
    });

    [Fact]
    public void Stores_that_break_the_rules_end_the_session() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        world.Handler.Store = (_, _, _) => throw new InvalidOperationException("no store may come through");
        world.Handler.Get = async (_, _, _, token) =>
        {
            await Forever.WaitAsync(token);
            throw new InvalidOperationException();
        };

        await EndsAsync("twice at once", async client =>
        {
            await client.SendStoreAsync(1, 100);
            await client.SendGetAsync(1, 10);
        });
        await EndsAsync("for its Get request", async client =>
        {
            await client.SendGetAsync(1, 10);
            await client.SendAsync(MessageType.Data, 1, new byte[10], FrameFlags.Upload);
        });
        await EndsAsync("before it was told to", async client =>
        {
            await client.SendStoreAsync(1, 16 * 1024 * 1024);
            await client.SendStoreAsync(2, 16 * 1024 * 1024);
            await client.SendStoreAsync(3, 16 * 1024 * 1024); // waits: 32 MiB are under way
            await client.SendAsync(MessageType.Data, 3, new byte[10], FrameFlags.Upload);
        });
        await EndsAsync("announced 100", async client =>
        {
            await client.SendStoreAsync(1, 100);
            await world.Pump.IdleAsync();
            await client.SendAsync(MessageType.Data, 1, new byte[101], FrameFlags.Upload);
        });
        await EndsAsync("announced 100", async client =>
        {
            await client.SendStoreAsync(1, 100);
            await world.Pump.IdleAsync();
            await client.SendAsync(MessageType.Data, 1, new byte[99], FrameFlags.Upload | FrameFlags.Last);
        });

        async Task EndsAsync(string says, Func<RawPeer, Task> act)
        {
            await using RawPeer client = await world.ConnectRawAsync();
            await act(client);
            while (true)
            {
                var (header, body) = await client.ReceiveAsync();
                if (header.RequestNumber != 0)
                    continue;
                Assert.Equal(ErrorKind.ProtocolViolation, ErrorMessage.Decode(body).Kind);
                Assert.Contains(says, ErrorMessage.Decode(body).Text);
                break;
            }
            await world.Pump.IdleAsync();
        }
    });

    [Fact]
    public void Nothing_is_taken_before_hello() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        foreach (MessageType type in (MessageType[])[MessageType.Ping, MessageType.Data])
        {
            await using RawPeer client = await world.ConnectRawAsync(hello: false);
            await client.SendAsync(type, 1, []);
            ErrorMessage error = await client.ReceiveEndAsync();
            Assert.Equal(ErrorKind.ProtocolViolation, error.Kind);
            Assert.Contains("before its hello", error.Text);
        }
        await using RawPeer old = await world.ConnectRawAsync(hello: false);
        await old.SendHelloAsync(new HelloMessage(2, 9, 0, 1, 1, 1));
        Assert.Equal(ErrorKind.Unsupported, (await old.ReceiveEndAsync()).Kind);
    });

    [Fact]
    public void Answers_that_do_not_fit_the_question_are_refused() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var (client, node) = await world.ConnectToRawAsync();
        await using var closingClient = client;
        await using var closingNode = node;
        Task wanting = client.WantAsync(new BlobId[3], default).AsTask();
        await node.ReceiveAsync(MessageType.Want, 1);
        await node.SendAsync(MessageType.Have, 1, [0, 2, 0]);
        Assert.Equal(ErrorKind.ProtocolViolation, (await Assert.ThrowsAsync<MegatorrentException>(() => wanting)).Kind);
        Task finding = client.FindAsync(new BlobId[3], default).AsTask();
        await node.ReceiveAsync(MessageType.Find, 2);
        await node.SendAsync(MessageType.Found, 2, [0, 1, 0, 0]);
        Assert.Equal(ErrorKind.ProtocolViolation, (await Assert.ThrowsAsync<MegatorrentException>(() => finding)).Kind);
        Task storing = client.StoreAsync(default, default, new byte[1], default).AsTask();
        await node.ReceiveAsync(MessageType.Store, 3);
        await node.SendAsync(MessageType.Stored, 3, [9]);
        Assert.Equal(ErrorKind.Malformed, (await Assert.ThrowsAsync<MegatorrentException>(() => storing)).Kind);
    });

    [Theory]
    [InlineData(Over.Portable, 1)]
    [InlineData(Over.Portable, 2)]
    [InlineData(Over.IoUring, 1)]
    [InlineData(Over.IoUring, 2)]
    public async Task A_cut_connection_fails_what_is_under_way(string engine, int seed)
    {
        ITransport tcp = Over.Transport(engine);
        var random = new SeededRandomSource((ulong)seed);
        using var cluster = new TestCluster();
        var handler = new TestHandler();
        byte[] blob = Blobs.Make(400_000, 1);
        BlobId id = handler.Add(blob);
        await using PeerServer server = await PeerServer.StartAsync(tcp, "127.0.0.1:0", cluster.Options(Core.Wire.Role.Node), handler, default);
        SessionOptions options = cluster.Options(Core.Wire.Role.Reader);
        for (int round = 0; round < 15; round++)
        {
            int position = random.Next(1_400_000);
            var transport = new CuttingTransport(tcp, position);
            try
            {
                await using PeerConnection client = await PeerConnection.ConnectAsync(transport, server.Endpoint, options, null, default);
                await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
                {
                    var copy = new byte[blob.Length];
                    await client.GetAsync(id, 0, copy, default);
                    Assert.Equal(blob, copy);
                }));
                Assert.Fail($"seed {seed}, round {round}: read past the cut at {position}");
            }
            catch (MegatorrentException exception)
            {
                Assert.True(exception.Kind == ErrorKind.Unreachable, $"seed {seed}, round {round}, cut at {position}: {exception}");
            }
        }
    }

    // Ten requests at once; how each ended, null for well and with the right bytes.
    private static async Task<ErrorKind?[]> ExchangeAsync(World world)
    {
        byte[] blob = Blobs.Make(150_000, 1);
        BlobId id = world.Handler.Add(blob);
        PeerConnection client;
        try
        {
            client = await world.ConnectAsync();
        }
        catch (MegatorrentException exception)
        {
            return [exception.Kind];
        }
        ErrorKind?[] ends = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            try
            {
                if (i % 2 == 0)
                {
                    var copy = new byte[blob.Length];
                    await client.GetAsync(id, 0, copy, default);
                    Assert.Equal(blob, copy);
                }
                else
                {
                    byte[] another = Blobs.Make(150_000, (ulong)(i + 100));
                    await client.StoreAsync(BlobId.Of(another), another, default, default);
                    Assert.Equal(another, world.Handler.Blobs[BlobId.Of(another)]);
                }
                return (ErrorKind?)null;
            }
            catch (MegatorrentException exception)
            {
                return exception.Kind;
            }
        }));
        await client.DisposeAsync();
        return ends;
    }
}
