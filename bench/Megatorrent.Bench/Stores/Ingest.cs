using System.Diagnostics;
using System.Globalization;
using Megatorrent.Bench.Table;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Megatorrent.Bench.Stores;

/// <summary>
/// Blobs of 1 MiB into a store, each acknowledged when it is flushed, beside <c>dd conv=fsync</c> of the same bytes. Both read one file that
/// the page cache holds.
/// </summary>
internal sealed class Ingest(BenchContext context)
{
    private const int BlobLength = 1 << 20;
    private const int Producers = 64; // puts under way: as many as a node takes at once, by the default of its limit on bytes under way
    private const int Seed = 1;

    private readonly int _count = context.Pick(2048, 256, 16);
    private readonly string _source = Path.Combine(context.Folder, "source");
    private readonly string _store = Path.Combine(context.Folder, "ingest");
    private readonly string _copy = Path.Combine(context.Folder, "copy");
    private readonly byte[][] _buffers = [.. Enumerable.Range(0, Producers).Select(static _ => GC.AllocateUninitializedArray<byte>(BlobLength))];

    public Row Measure()
    {
        BlobId[] ids = MakeSource();
        Check(ids);
        double[] medians = Interleaved.Medians(context.Rounds, 2, contender => contender == 0 ? Put(ids) : Copy());
        File.Delete(_source);
        double megabytes = (double)_count * BlobLength / 1e6;
        return new Row
        {
            What = $"durable ingest of {_count} blobs of 1 MiB",
            Unit = "MB/s",
            Ours = megabytes / medians[0],
            Peer = "dd bs=1M conv=fsync",
            Theirs = megabytes / medians[1],
            Wanted = 0.9,
            Note = $"{Producers} puts under way; each verifies SHA-256 and returns when its bytes are flushed, where dd flushes once at the end",
        };
    }

    // Noise: whatever compresses or deduplicates on the way to the disk gains nothing by it.
    private BlobId[] MakeSource()
    {
        var ids = new BlobId[_count];
        var random = new Random(Seed);
        byte[] blob = _buffers[0];
        using FileStream file = File.Create(_source);
        for (int i = 0; i < _count; i++)
        {
            random.NextBytes(blob);
            ids[i] = BlobId.Of(blob);
            file.Write(blob);
        }

        file.Flush(flushToDisk: true);
        return ids;
    }

    // What was acknowledged is there when the store is opened again.
    private void Check(BlobId[] ids)
    {
        BlobId[] some = ids[..Math.Min(_count, Producers)];
        PutAsync(some).GetAwaiter().GetResult();
        CompareAsync(some).GetAwaiter().GetResult();
        Clear();
    }

    private async Task CompareAsync(BlobId[] ids)
    {
        await using BlobStore store = await OpenAsync();
        using SafeFileHandle source = File.OpenHandle(_source);
        for (int i = 0; i < ids.Length; i++)
        {
            using BlobLease lease = await store.GetAsync(ids[i]);
            ReadSource(source, i, _buffers[0]);
            if (!lease.Memory.Span.SequenceEqual(_buffers[0]))
                throw new InvalidOperationException($"the store gives other bytes for blob {ids[i]} than it was given.");
        }
    }

    private double Put(BlobId[] ids)
    {
        double seconds = PutAsync(ids).GetAwaiter().GetResult();
        Clear();
        return seconds;
    }

    private async Task<double> PutAsync(BlobId[] ids)
    {
        await using BlobStore store = await OpenAsync();
        using SafeFileHandle source = File.OpenHandle(_source);
        int next = -1;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(_buffers.Select(buffer => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < ids.Length;)
            {
                ReadSource(source, i, buffer);
                if (!await store.PutAsync(ids[i], buffer))
                    throw new InvalidOperationException($"the store says that it held blob {ids[i]} before it was put.");
            }
        })));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private double Copy()
    {
        double seconds = Command.Run(
            "dd", new Dictionary<string, string>(), $"if={_source}", $"of={_copy}", "bs=1M",
            string.Create(CultureInfo.InvariantCulture, $"count={_count}"), "conv=fsync", "status=none").Wall.TotalSeconds;
        File.Delete(_copy);
        Settle();
        return seconds;
    }

    private ValueTask<BlobStore> OpenAsync() => BlobStore.OpenAsync(PhysicalFileSystem.Instance, _store, new BlobStoreOptions());

    private static void ReadSource(SafeFileHandle source, int index, Span<byte> blob)
    {
        if (RandomAccess.Read(source, blob, (long)index * BlobLength) != BlobLength)
            throw new InvalidOperationException("the file of the bytes to store has been cut short.");
    }

    private void Clear()
    {
        Directory.Delete(_store, recursive: true);
        Settle();
    }

    // What one round left unwritten, or to be discarded, would be charged to the next.
    private static void Settle() => Command.Run("sync", new Dictionary<string, string>());
}
