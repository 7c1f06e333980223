using Megatorrent.Core;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>What becomes of the bytes of a connection, and of the memory that they lie in, whatever happens to it meanwhile.</summary>
public class TransportStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Engines => [.. Over.Engines];

    public static TheoryData<string, ulong> SeededEngines
    {
        get
        {
            var data = new TheoryData<string, ulong>();
            foreach (string engine in Over.Engines)
            {
                for (ulong seed = 1; seed <= 4; seed++)
                    data.Add(engine, seed);
            }
            return data;
        }
    }

    // Bursts and pauses, pieces from a byte to a megabyte, both ways at once: whatever way of receiving an engine has, it changes it here.
    [Theory]
    [MemberData(nameof(SeededEngines))]
    public async Task Bytes_arrive_as_they_were_sent(string engine, ulong seed)
    {
        var (left, right) = await Over.PairAsync(Over.Transport(engine));
        await using (left)
        await using (right)
        {
            Task[] work = [SendAsync(left, seed), ReceiveAsync(right, seed), SendAsync(right, seed + 100), ReceiveAsync(left, seed + 100)];
            await Task.WhenAll(work).WaitAsync(Patience);
            Assert.Equal(0, await left.ReadAsync(new byte[1], default)); // and the end stays the end
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Bytes_that_were_sent_before_a_connection_was_accepted_are_there(string engine)
    {
        ITransport transport = Over.Transport(engine);
        await using ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        await using ITransportConnection connecting = await transport.ConnectAsync(listener.Endpoint, default);
        await connecting.WriteAsync("early"u8.ToArray(), default);
        connecting.CompleteWriting();
        await using ITransportConnection accepted = await listener.AcceptAsync(default);
        Assert.Equal("early"u8.ToArray(), await ReadToEndAsync(accepted));
        await accepted.WriteAsync("late"u8.ToArray(), default); // the other direction goes on
        accepted.CompleteWriting();
        Assert.Equal("late"u8.ToArray(), await ReadToEndAsync(connecting));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_canceled_accept_loses_no_connection(string engine)
    {
        ITransport transport = Over.Transport(engine);
        await using ITransportListener listener = await transport.ListenAsync("127.0.0.1:0", default);
        for (int round = 0; round < 20; round++)
        {
            using var cancel = new CancellationTokenSource();
            Task<ITransportConnection> first = listener.AcceptAsync(cancel.Token).AsTask();
            Task<ITransportConnection> connect = transport.ConnectAsync(listener.Endpoint, default).AsTask();
            cancel.Cancel();
            ITransportConnection accepted;
            try
            {
                accepted = await first;
            }
            catch (OperationCanceledException)
            {
                accepted = await listener.AcceptAsync(default).AsTask().WaitAsync(Patience);
            }
            await using ITransportConnection connecting = await connect;
            await connecting.WriteAsync(new byte[] { 7 }, default);
            Assert.Equal(1, await accepted.ReadAsync(new byte[1], default));
            await accepted.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_port_is_free_when_its_listener_is_disposed_and_what_it_had_not_handed_over_is_cut(string engine)
    {
        ITransport transport = Over.Transport(engine);
        string endpoint = "127.0.0.1:0";
        for (int round = 0; round < 20; round++)
        {
            ITransportListener listener = await transport.ListenAsync(endpoint, default);
            endpoint = listener.Endpoint;
            Task accepting = round % 2 == 0 ? listener.AcceptAsync(default).AsTask() : Task.CompletedTask;
            await using ITransportConnection one = await transport.ConnectAsync(endpoint, default);
            await using ITransportConnection two = await transport.ConnectAsync(endpoint, default);
            await accepting;
            await listener.DisposeAsync();
            await listener.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => listener.AcceptAsync(default).AsTask());
            Assert.True(await IsEndedAsync(two).WaitAsync(Patience));
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_read_that_waits_ends_when_its_token_fires(string engine)
    {
        for (int round = 0; round < 20; round++)
        {
            var (left, right) = await Over.PairAsync(Over.Transport(engine));
            await using (left)
            await using (right)
            {
                using var cancel = new CancellationTokenSource();
                Task<int> read = left.ReadAsync(new byte[100], cancel.Token).AsTask();
                if (round % 2 == 0)
                    await Task.Yield();
                cancel.Cancel();
                var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience));
                Assert.Equal(cancel.Token, canceled.CancellationToken);
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left.ReadAsync(new byte[1], cancel.Token).AsTask());
            }
        }
    }

    // Whoever's write has ended uses the memory again, for something that the peer must not see.
    [Theory]
    [InlineData(Over.Portable, false)]
    [InlineData(Over.Portable, true)]
    [InlineData(Over.IoUring, false)]
    [InlineData(Over.IoUring, true)]
    public async Task Memory_of_a_write_that_was_given_up_is_not_sent_any_more(string engine, bool abort)
    {
        for (int round = 0; round < 8; round++)
        {
            var (left, right) = await Over.PairAsync(Over.Transport(engine));
            await using (left)
            await using (right)
            {
                using var cancel = new CancellationTokenSource();
                var bytes = new byte[32 << 20];
                Task write = left.WriteAsync(bytes, cancel.Token).AsTask();
                Thread.SpinWait(round * 100_000); // each time it has come a bit farther
                Assert.False(write.IsCompleted, "32 MiB cannot go without a reader");
                Task<byte[]> reading = abort ? Task.FromResult(Array.Empty<byte>()) : ReadToEndAsync(right);
                if (abort)
                    left.Abort();
                else
                    cancel.Cancel();
                Exception? end = await Record.ExceptionAsync(() => write.WaitAsync(Patience));
                Array.Fill(bytes, (byte)0xee);
                if (abort)
                    Assert.Equal(ErrorKind.Unreachable, Assert.IsType<MegatorrentException>(end).Kind);
                else
                    Assert.True(end is null or OperationCanceledException, $"{end}");
                left.Abort();
                byte[] got = await (abort ? ReadToEndAsync(right) : reading).WaitAsync(Patience);
                Assert.Equal(-1, got.AsSpan().IndexOf((byte)0xee));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task What_the_peer_does_is_told(string engine)
    {
        var (left, right) = await Over.PairAsync(Over.Transport(engine));
        await right.WriteAsync(new byte[10], default);
        await left.WriteAsync(new byte[100_000], default);
        right.Abort(); // with bytes unread: TCP tells the peer that they are lost
        await right.DisposeAsync();
        MegatorrentException lost = await Assert.ThrowsAsync<MegatorrentException>(async () =>
        {
            while (true)
                await left.WriteAsync(new byte[100_000], default).AsTask().WaitAsync(Patience);
        });
        Assert.Equal(ErrorKind.Unreachable, lost.Kind);
        Assert.Contains("the connection was cut", lost.Message);
        Assert.Contains(left.RemoteEndpoint, lost.Message);
        await left.DisposeAsync();
        MegatorrentException closed = await Assert.ThrowsAsync<MegatorrentException>(() => left.ReadAsync(new byte[1], default).AsTask());
        Assert.Contains("closed on this side", closed.Message);
    }

    // One side reads and writes, and somebody aborts it, from another thread, at any moment: both end, with nothing but what was promised.
    [Theory]
    [MemberData(nameof(SeededEngines))]
    public async Task An_abort_at_any_moment_ends_everything(string engine, ulong seed)
    {
        var random = new SeededRandomSource(seed);
        ITransport transport = Over.Transport(engine);
        for (int round = 0; round < 60; round++)
        {
            var (left, right) = await Over.PairAsync(transport);
            using var cancel = new CancellationTokenSource();
            Task[] work =
            [
                Quietly(() => PumpAsync(left, random.Next(300_000) + 1, cancel.Token)),
                Quietly(() => DrainAsync(left, cancel.Token)),
                Quietly(() => PumpAsync(right, 5000, default)),
                Quietly(() => DrainAsync(right, default)),
            ];
            int spins = random.Next(20_000);
            bool byToken = random.Next(3) == 0;
            await Task.WhenAll(Task.Run(() => Meddle(left.Abort)), Task.Run(() => Meddle(byToken ? cancel.Cancel : left.Abort)));
            left.Abort();
            await Task.WhenAll(work).WaitAsync(Patience);
            await left.DisposeAsync();
            await right.DisposeAsync();

            void Meddle(Action end)
            {
                Thread.SpinWait(spins);
                end();
            }
        }
    }

    // More unread bytes than an engine may have shared buffers for.
    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Connections_that_do_not_read_take_nothing_from_others(string engine)
    {
        ITransport transport = Over.Transport(engine);
        var pairs = new List<(ITransportConnection Left, ITransportConnection Right)>();
        for (int i = 0; i < 100; i++)
            pairs.Add(await Over.PairAsync(transport));
        foreach (var (left, right) in pairs)
        {
            Task<int> first = right.ReadAsync(new byte[1], default).AsTask();
            await left.WriteAsync(new byte[] { 1 }, default);
            await first.WaitAsync(Patience);
            for (int piece = 0; piece < 10; piece++)
                await left.WriteAsync(Blobs.Make(3000, (ulong)piece), default);
            left.CompleteWriting();
        }
        byte[] expected = [.. Enumerable.Range(0, 10).SelectMany(piece => Blobs.Make(3000, (ulong)piece))];
        foreach (var (left, right) in pairs)
        {
            Assert.Equal(expected, await ReadToEndAsync(right).WaitAsync(Patience));
            await left.DisposeAsync();
            await right.DisposeAsync();
        }
    }

    private static async Task SendAsync(ITransportConnection connection, ulong seed)
    {
        var random = new SeededRandomSource(seed);
        byte[] bytes = Content(seed);
        for (int sent = 0; sent < bytes.Length;)
        {
            int most = random.Next(4) switch { 0 => 50, 1 => 5000, 2 => 60_000, _ => 1 << 20 };
            int count = Math.Min(bytes.Length - sent, random.Next(most) + 1);
            await connection.WriteAsync(bytes.AsMemory(sent, count), default);
            sent += count;
            if (random.Next(50) == 0)
                Thread.SpinWait(200_000); // so that the reader finds nothing
            if (random.Next(20) == 0)
                sent += await SendSmallAsync(connection, bytes.AsMemory(sent));
        }
        connection.CompleteWriting();
    }

    private static async Task<int> SendSmallAsync(ITransportConnection connection, ReadOnlyMemory<byte> bytes)
    {
        int sent = 0;
        for (int i = 0; i < 60 && sent < bytes.Length; i++)
        {
            int count = Math.Min(20, bytes.Length - sent);
            await connection.WriteAsync(bytes.Slice(sent, count), default);
            sent += count;
            await Task.Yield();
        }
        return sent;
    }

    private static async Task ReceiveAsync(ITransportConnection connection, ulong seed)
    {
        var random = new SeededRandomSource(seed + 50);
        byte[] expected = Content(seed);
        var buffer = new byte[256 * 1024];
        int received = 0;
        while (true)
        {
            int most = random.Next(3) switch { 0 => 10, 1 => 4096, _ => buffer.Length };
            Memory<byte> destination = buffer.AsMemory(0, random.Next(most) + 1);
            int count = await connection.ReadAsync(destination, default);
            if (count == 0)
                break;
            Assert.True(
                destination.Span[..count].SequenceEqual(expected.AsSpan(received, count)), $"other bytes after {received}, {count} long");
            received += count;
        }
        Assert.Equal(expected.Length, received);
    }

    private static byte[] Content(ulong seed) => Blobs.Make(5_000_000 + (int)seed, seed);

    private static async Task<byte[]> ReadToEndAsync(ITransportConnection connection)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await connection.ReadAsync(buffer, default) is var count and > 0)
                all.Write(buffer, 0, count);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Unreachable)
        {
            // Cut: the end as well.
        }
        return all.ToArray();
    }

    private static async Task<bool> IsEndedAsync(ITransportConnection connection) => (await ReadToEndAsync(connection)).Length == 0;

    private static async Task PumpAsync(ITransportConnection connection, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        while (true)
            await connection.WriteAsync(bytes, cancellationToken);
    }

    private static async Task DrainAsync(ITransportConnection connection, CancellationToken cancellationToken)
    {
        var buffer = new byte[10_000];
        while (await connection.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    private static Task Quietly(Func<Task> work) => Task.Run(async () =>
    {
        try
        {
            await work();
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Unreachable)
        {
        }
        catch (OperationCanceledException)
        {
        }
    });
}
