using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Bench.Transfer;

/// <summary>The two processes of a transfer: one serves blobs from its memory, the other gets them into its own and verifies each.</summary>
internal static class TransferEnds
{
    /// <summary>What the first argument of such a process is.</summary>
    public const string Serve = "transfer-serve", Fetch = "transfer-fetch";

    private const int GetsUnderWay = 24; // a batch that is hashed, and another that arrives meanwhile
    private const int HashedTogether = 6; // twice what goes side by side where the SHA instructions do it

    /// <summary><c>transfer-serve COUNT LENGTH IDS</c>: writes the ids to a file, prints the endpoint, serves until its input ends.</summary>
    public static async Task<int> ServeAsync(string[] args)
    {
        using var blobs = new BlobMemory(int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
        blobs.Fill(seed: 1);
        var places = new Dictionary<BlobId, int>(blobs.Count);
        for (int i = 0; i < blobs.Count; i++)
            places.Add(BlobId.Of(blobs.Span(i)), i);
        await using (FileStream ids = File.Create(args[2]))
        {
            foreach (BlobId id in places.Keys)
                ids.Write(BlobId.AsSpan(id));
        }

        await using PeerServer server = await PeerServer.StartAsync(
            SystemTransport.Auto, "127.0.0.1:0", BenchCluster.Options(Role.Node, 1), new MemoryHandler(blobs, places), default);
        Console.WriteLine(server.Endpoint);
        await Console.In.ReadLineAsync(); // begins
        TimeSpan before = Environment.CpuUsage.TotalTime;
        await Console.In.ReadLineAsync(); // ends
        Console.WriteLine(JsonSerializer.Serialize((Environment.CpuUsage.TotalTime - before).TotalSeconds));
        return 0;
    }

    /// <summary><c>transfer-fetch ENDPOINT LENGTH IDS</c>: prints seconds and processor seconds of the transfer as JSON.</summary>
    public static async Task<int> FetchAsync(string[] args)
    {
        int length = int.Parse(args[1], CultureInfo.InvariantCulture);
        BlobId[] ids = MemoryMarshal.Cast<byte, BlobId>(File.ReadAllBytes(args[2])).ToArray();
        using var sink = new BlobMemory(ids.Length, length);
        await using PeerConnection connection = await PeerConnection.ConnectAsync(
            SystemTransport.Auto, args[0], BenchCluster.Options(Role.Reader, 2), null, default);
        await GetAsync(connection, ids.AsMemory(0, Math.Min(ids.Length, 64)), sink); // warm
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long begin = Stopwatch.GetTimestamp();
        await GetAsync(connection, ids, sink);
        Console.WriteLine(JsonSerializer.Serialize(new TransferResult(
            Stopwatch.GetElapsedTime(begin).TotalSeconds,
            (Environment.CpuUsage.TotalTime - before).TotalSeconds,
            (long)ids.Length * length,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / ids.Length)));
        return 0;
    }

    private static async Task GetAsync(PeerConnection connection, ReadOnlyMemory<BlobId> ids, BlobMemory sink)
    {
        var arrived = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true });
        int next = -1;
        Task[] getters = [.. Enumerable.Range(0, GetsUnderWay).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var index && index < ids.Length)
            {
                await connection.GetAsync(ids.Span[index], 0, sink.Memory(index), default);
                arrived.Writer.TryWrite(index);
            }
        })];
        Task verifying = Task.Run(() => VerifyAsync(arrived.Reader, ids, sink));
        await Task.WhenAll(getters);
        arrived.Writer.Complete();
        await verifying;
    }

    private static async Task VerifyAsync(ChannelReader<int> arrived, ReadOnlyMemory<BlobId> ids, BlobMemory sink)
    {
        var batch = new List<int>(HashedTogether);
        var inputs = new ReadOnlyMemory<byte>[HashedTogether];
        var hashes = new byte[HashedTogether * BlobId.Length];
        while (true)
        {
            while (batch.Count < HashedTogether && await arrived.WaitToReadAsync())
            {
                while (batch.Count < HashedTogether && arrived.TryRead(out int index))
                    batch.Add(index);
            }

            if (batch.Count == 0)
                return;
            for (int i = 0; i < batch.Count; i++)
                inputs[i] = sink.Memory(batch[i]);
            Sha256.HashMany(inputs.AsSpan(0, batch.Count), hashes.AsSpan(0, batch.Count * BlobId.Length));
            for (int i = 0; i < batch.Count; i++)
            {
                if (new BlobId(hashes.AsSpan(i * BlobId.Length, BlobId.Length)) != ids.Span[batch[i]])
                    throw new MegatorrentException(ErrorKind.Integrity, $"Blob {batch[i]} arrived damaged.");
            }

            batch.Clear();
        }
    }
}
