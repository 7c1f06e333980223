using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Megatorrent.Bench.Nodes;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Bench.Stores;

/// <summary>
/// Opens a store of numbered blobs in a process of its own, whose memory nobody else has used, and prints in one line: the seconds that
/// opening took, and the bytes by which the resident memory grew.
/// </summary>
internal static class StoreHost
{
    /// <summary>The first argument that starts one; then the folder, and how many blobs must be there.</summary>
    public const string Verb = "store-host";

    private const int Samples = 1000;

    public static int Run(string[] args)
    {
        RunAsync(args[1], int.Parse(args[2], CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
        return 0;
    }

    /// <summary>The bytes of a numbered blob.</summary>
    public static byte[] Blob(int number)
    {
        var blob = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(blob, number);
        return blob;
    }

    private static async Task RunAsync(string folder, int count)
    {
        await WarmAsync(folder + "-warm");
        long before = Settle();
        long start = Stopwatch.GetTimestamp();
        await using BlobStore store = await OpenAsync(folder);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long after = Settle();
        Check(store, count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:R} {after - before}"));
    }

    // So that the time of the compiler, and the memory of what it makes, do not count: the published binary has none.
    private static async Task WarmAsync(string folder)
    {
        for (int round = 0; round < 2; round++)
        {
            await using BlobStore store = await OpenAsync(folder);
            await store.PutAsync(BlobId.Of(Blob(round)), Blob(round));
        }

        await (await OpenAsync(folder)).DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static ValueTask<BlobStore> OpenAsync(string folder) =>
        BlobStore.OpenAsync(PhysicalFileSystem.Instance, folder, new BlobStoreOptions());

    private static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Resident.BytesOf(Environment.ProcessId);
    }

    private static void Check(BlobStore store, int count)
    {
        if (!store.Recovery.FromCheckpoint || store.Recovery.ScannedRecords != 0)
            throw new InvalidOperationException("the store was not opened from its checkpoint alone.");
        if (store.Statistics.Blobs != count)
            throw new InvalidOperationException($"the store holds {store.Statistics.Blobs} blobs where {count} were put.");
        for (int i = 0; i < Samples; i++)
        {
            int number = (int)((long)i * count / Samples);
            if (!store.TryGetLength(BlobId.Of(Blob(number)), out int length) || length != sizeof(long))
                throw new InvalidOperationException($"the store lacks blob {number}, which was put.");
            if (store.Contains(BlobId.Of(Blob(count + i))))
                throw new InvalidOperationException($"the store claims to hold blob {count + i}, which was not put.");
        }
    }
}
