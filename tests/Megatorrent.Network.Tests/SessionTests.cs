using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Memory;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests;

/// <summary>What a session does when all goes well, over TCP and in memory.</summary>
public class SessionTests
{
    [Theory]
    [InlineData(Over.Memory, CipherSuite.Aes256Gcm)]
    [InlineData(Over.Portable, CipherSuite.Aes256Gcm)]
    [InlineData(Over.Portable, CipherSuite.ChaCha20Poly1305)]
    [InlineData(Over.IoUring, CipherSuite.Aes256Gcm)]
    public async Task Every_request_is_answered(string over, CipherSuite suite)
    {
        await using Pair pair = await Pair.OpenAsync(over, change: options => options with { Suite = suite });
        byte[] blob = Blobs.Make(1_048_577, 1);
        var id = BlobId.Of(blob);
        var stripe = BlobId.Of("stripe"u8);
        byte[] descriptor = Blobs.Make(300, 2);

        await pair.Client.PingAsync(default);
        Assert.True(await pair.Client.StoreAsync(id, blob, descriptor, default));
        Assert.False(await pair.Client.StoreAsync(id, blob, descriptor, default));
        Assert.False(await pair.Client.StoreAsync(stripe, default, descriptor, default));
        Assert.Equal(descriptor, pair.Handler.Descriptors[stripe]);
        bool[] present = await pair.Client.WantAsync(new[] { id, stripe }, default);
        Assert.Equal([true, false], present);

        var whole = new byte[blob.Length];
        await pair.Client.GetAsync(id, 0, whole, default);
        Assert.Equal(blob, whole);
        var range = new byte[70_001];
        await pair.Client.GetAsync(id, 12_345, range, default);
        Assert.True(blob.AsSpan(12_345, range.Length).SequenceEqual(range));
        await pair.Client.GetAsync(id, 0, Memory<byte>.Empty, default);

        byte[]?[] found = await pair.Client.FindAsync(new[] { id, BlobId.Of("other"u8) }, default);
        Assert.Equal([descriptor, null], found);
        await pair.Client.NoticeAsync(id, NoticeKind.Corrupt, default);
        Assert.Equal([(id, NoticeKind.Corrupt)], pair.Handler.Notices);
        Assert.Equal("statusq"u8.ToArray(), await pair.Client.StatusAsync("q"u8.ToArray(), default));
        Assert.Equal("gossipg"u8.ToArray(), await pair.Client.GossipAsync("g"u8.ToArray(), default));
        Assert.Equal("probep"u8.ToArray(), await pair.Client.ProbeAsync("p"u8.ToArray(), default));
        Assert.Equal("joinj"u8.ToArray(), await pair.Client.JoinAsync("j"u8.ToArray(), default));
        Assert.True(pair.Client.IsOpen);
        Assert.Equal(0, pair.Client.RequestsUnderWay);
    }

    [Theory]
    [InlineData(Over.Memory, 64 * 1024, 4093)]
    [InlineData(Over.Memory, 256 * 1024, int.MaxValue)]
    [InlineData(Over.Portable, 0, 0)]
    [InlineData(Over.IoUring, 0, 0)]
    public async Task Many_requests_run_at_once(string over, int capacityBytes, int maxReadBytes)
    {
        await using Pair pair = await Pair.OpenAsync(
            over, memory: new MemoryTransportOptions { CapacityBytes = capacityBytes, MaxReadBytes = maxReadBytes });
        int[] lengths = [1, 15, 65_519, 65_520, 262_143, 262_144, 262_145, 1_048_576, 3_000_000];
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            byte[] blob = Blobs.Make(lengths[i % lengths.Length], (ulong)i);
            var id = BlobId.Of(blob);
            byte[] descriptor = Blobs.Make(1 + i * 100, (ulong)i);
            Assert.True(await pair.Client.StoreAsync(id, blob, descriptor, default));
            Task<byte[]?[]> finding = pair.Client.FindAsync(new[] { id }, default).AsTask();
            var copy = new byte[blob.Length];
            await pair.Client.GetAsync(id, 0, copy, default);
            Assert.True(blob.AsSpan().SequenceEqual(copy), $"blob {i}");
            Assert.Equal(descriptor, (await finding)[0]);
            await pair.Client.PingAsync(default);
        }));
        Assert.Equal(60, pair.Handler.Blobs.Count);
    }

    [Theory]
    [InlineData(Over.Memory)]
    [InlineData(Over.Portable)]
    [InlineData(Over.IoUring)]
    public async Task Answers_come_in_the_order_in_which_they_are_ready(string over)
    {
        await using Pair pair = await Pair.OpenAsync(over);
        var gate = new TaskCompletionSource();
        pair.Handler.Status = async (query, _) =>
        {
            byte[] answer = query.ToArray();
            if (answer[0] == 1)
                await gate.Task;
            return answer;
        };
        Task<byte[]> first = pair.Client.StatusAsync(new byte[] { 1 }, default).AsTask();
        Assert.Equal([2], await pair.Client.StatusAsync(new byte[] { 2 }, default));
        Assert.False(first.IsCompleted);
        Assert.Equal(1, pair.Client.RequestsUnderWay);
        gate.SetResult();
        Assert.Equal([1], await first);
    }

    [Fact]
    public async Task More_ids_than_a_message_takes_are_split()
    {
        await using Pair pair = await Pair.OpenAsync();
        var ids = new BlobId[MessageLimits.MaxWantIds * 2 + 5];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = BlobId.Of(BitConverter.GetBytes(i));
        pair.Handler.Blobs[ids[^1]] = [];
        pair.Handler.Blobs[ids[MessageLimits.MaxWantIds]] = [];
        bool[] present = await pair.Client.WantAsync(ids, default);
        Assert.Equal(ids.Length, present.Length);
        Assert.Equal([MessageLimits.MaxWantIds, ids.Length - 1], Enumerable.Range(0, ids.Length).Where(i => present[i]));

        for (int i = 0; i < 130; i++)
            pair.Handler.Descriptors[ids[i]] = Blobs.Make(MessageLimits.MaxDescriptorLength, (ulong)i);
        byte[]?[] found = await pair.Client.FindAsync(ids.AsMemory(0, 131), default);
        Assert.Equal(131, found.Length);
        for (int i = 0; i < 130; i++)
            Assert.Equal(pair.Handler.Descriptors[ids[i]], found[i]);
        Assert.Null(found[130]);
        Assert.Empty(await pair.Client.WantAsync(ReadOnlyMemory<BlobId>.Empty, default));
    }

    [Fact]
    public async Task Requests_that_cannot_be_sent_say_why()
    {
        await using Pair pair = await Pair.OpenAsync();
        async Task RefusedAsync(Func<Task> request, string says)
        {
            var exception = await Assert.ThrowsAsync<MegatorrentException>(request);
            Assert.Equal(ErrorKind.InvalidArgument, exception.Kind);
            Assert.Contains(says, exception.Message);
        }
        await RefusedAsync(() => pair.Client.GetAsync(default, -1, new byte[1], default).AsTask(), "offset -1");
        await RefusedAsync(() => pair.Client.GetAsync(default, MessageLimits.MaxBlobLength, new byte[1], default).AsTask(), "no blob");
        await RefusedAsync(() => pair.Client.StoreAsync(default, new byte[MessageLimits.MaxBlobLength + 1], default, default).AsTask(), "at most");
        await RefusedAsync(() => pair.Client.StoreAsync(default, default, default, default).AsTask(), "descriptor");
        await RefusedAsync(
            () => pair.Client.StoreAsync(default, new byte[1], new byte[MessageLimits.MaxDescriptorLength + 1], default).AsTask(), "descriptor");
        await RefusedAsync(() => pair.Client.GossipAsync(new byte[MessageLimits.MaxOpaqueLength + 1], default).AsTask(), "262144");
        await pair.Client.PingAsync(default);
    }

    [Theory]
    [InlineData(Over.Memory)]
    [InlineData(Over.Portable)]
    [InlineData(Over.IoUring)]
    public async Task Errors_of_the_handler_reach_the_caller_with_their_kind(string over)
    {
        await using Pair pair = await Pair.OpenAsync(over);
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>())
        {
            pair.Handler.Status = (_, _) => throw new MegatorrentException(kind, $"because of {kind}.");
            var exception = await Assert.ThrowsAsync<MegatorrentException>(() => pair.Client.StatusAsync(default, default).AsTask());
            Assert.Equal(kind, exception.Kind);
            Assert.Contains($"because of {kind}.", exception.Message);
            Assert.Contains(pair.Server.Endpoint, exception.Message);
            Assert.Contains(pair.Client.Remote.Id.ToShortString(), exception.Message);
        }

        pair.Handler.Status = (_, _) => throw new InvalidOperationException("secret path");
        var defect = await Assert.ThrowsAsync<MegatorrentException>(() => pair.Client.StatusAsync(default, default).AsTask());
        Assert.Equal(ErrorKind.Internal, defect.Kind);
        Assert.DoesNotContain("secret", defect.Message);

        pair.Handler.Status = (_, _) => new ValueTask<byte[]>(new byte[MessageLimits.MaxOpaqueLength + 1]);
        defect = await Assert.ThrowsAsync<MegatorrentException>(() => pair.Client.StatusAsync(default, default).AsTask());
        Assert.Equal(ErrorKind.Internal, defect.Kind);

        var missing = await Assert.ThrowsAsync<MegatorrentException>(() => pair.Client.GetAsync(default, 0, new byte[1], default).AsTask());
        Assert.Equal(ErrorKind.NotFound, missing.Kind);
        byte[] blob = [1, 2, 3];
        BlobId id = pair.Handler.Add(blob);
        var past = await Assert.ThrowsAsync<MegatorrentException>(() => pair.Client.GetAsync(id, 2, new byte[2], default).AsTask());
        Assert.Equal(ErrorKind.InvalidArgument, past.Kind);
        var wrong = await Assert.ThrowsAsync<MegatorrentException>(() => pair.Client.StoreAsync(default, blob, default, default).AsTask());
        Assert.Equal(ErrorKind.Integrity, wrong.Kind);
        Assert.True(pair.Client.IsOpen);
    }

    [Fact]
    public async Task The_accepting_side_can_ask_too()
    {
        // A handler on the connecting side answers; without one the request is refused, not left open.
        using var cluster = new TestCluster();
        var transport = new MemoryTransport();
        await using ITransportListener listener = await transport.ListenAsync("node:0", default);
        var handler = new TestHandler();
        Task<RawPeer> accepting = RawPeer.AcceptAsync(listener, cluster.Options(Role.Node));
        await using PeerConnection answering = await PeerConnection.ConnectAsync(
            transport, listener.Endpoint, cluster.Options(Role.Node), null, default, handler);
        await using (RawPeer node = await accepting)
        {
            await node.SendAsync(MessageType.Status, 9, "q"u8.ToArray());
            Assert.Equal("statusq"u8.ToArray(), await node.ReceiveAsync(MessageType.StatusReply, 9));
        }

        accepting = RawPeer.AcceptAsync(listener, cluster.Options(Role.Node));
        await using PeerConnection deaf = await PeerConnection.ConnectAsync(transport, listener.Endpoint, cluster.Options(Role.Node), null, default);
        await using (RawPeer node = await accepting)
        {
            await node.SendAsync(MessageType.Status, 9, []);
            Assert.Equal(ErrorKind.Unsupported, (await node.ReceiveErrorAsync(9)).Kind);
            await node.SendAsync(MessageType.Ping, 10, []);
            await node.ReceiveAsync(MessageType.Pong, 10);
        }
    }

    [Fact]
    public void One_seed_is_one_run()
    {
        static long Run(ulong seed) => Pump.Run(async pump =>
        {
            await using World world = await World.CreateAsync(pump, seed, capacityBytes: 50_000, maxReadBytes: 7_001);
            await using PeerConnection client = await world.ConnectAsync();
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            {
                byte[] blob = Blobs.Make(world.Random.Next(400_000) + 1, (ulong)i);
                Assert.True(await client.StoreAsync(BlobId.Of(blob), blob, default, default));
                var copy = new byte[blob.Length];
                await client.GetAsync(BlobId.Of(blob), 0, copy, default);
                Assert.Equal(blob, copy);
            }));
        });
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));
    }
}
