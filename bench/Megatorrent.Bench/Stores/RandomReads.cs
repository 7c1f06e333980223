using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Megatorrent.Bench.Table;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Records;

namespace Megatorrent.Bench.Stores;

/// <summary>
/// Random reads out of many blobs of 4 KiB in the page cache, beside <c>bench/peers/random_read.c</c>, which reads the same bytes of the
/// same segment files.
/// </summary>
internal sealed class RandomReads : IDisposable
{
    private const int BlobLength = 4096;
    private const int PutsAtOnce = 4096;
    private const int Seed = 1;

    private readonly BenchContext _context;
    private readonly string _peer;
    private readonly string _list;
    private readonly int _reads;
    private readonly BlobId[] _ids;
    private readonly BlobStore _store;

    public RandomReads(BenchContext context)
    {
        _context = context;
        _peer = Path.Combine(context.Peers, "random_read");
        if (!File.Exists(_peer))
            throw new InvalidOperationException($"the peer {_peer} is missing; `./build.sh bench` compiles it from bench/peers.");
        _list = Path.Combine(context.Folder, "pieces");
        _reads = context.Pick(500_000, 100_000, 2000);
        string folder = Path.Combine(context.Folder, "reads");
        _ids = FillAsync(folder, context.Pick(100_000, 100_000, 2000)).GetAwaiter().GetResult();
        ListPieces(folder);
        _store = OpenAsync(folder).AsTask().GetAwaiter().GetResult();
        Check();
    }

    public Row Measure(int threads)
    {
        long allocated = 0;
        double[] seconds = Interleaved.Medians(_context.Rounds, 2, contender =>
        {
            if (contender == 1)
                return double.Parse(Peer(Text(_reads), Text(threads)), CultureInfo.InvariantCulture);
            return Read(threads, out allocated);
        });
        double thousands = _reads * (double)threads / 1000;
        return new Row
        {
            What = $"4 KiB random reads out of {_ids.Length} blobs, page cache warm, {threads} thread{(threads == 1 ? "" : "s")}",
            Unit = "thousand/s",
            Ours = thousands / seconds[0],
            Peer = "pread in C",
            Theirs = thousands / seconds[1],
            Wanted = 0.7,
            Note = "each read finds its id in the index and verifies the record's header (XXH3 seeded with its place), id, length and the XXH3 "
                + $"of its bytes, as a node does when it serves a blob; {allocated / (_reads * (double)threads):0} bytes allocated a read",
        };
    }

    public void Dispose()
    {
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(Path.Combine(_context.Folder, "reads"), recursive: true);
    }

    private static async Task<BlobId[]> FillAsync(string folder, int count)
    {
        await using BlobStore store = await OpenAsync(folder);
        var ids = new BlobId[count];
        var random = new Random(Seed);
        var puts = new List<Task<bool>>();
        for (int i = 0; i < count; i++)
        {
            var blob = new byte[BlobLength];
            random.NextBytes(blob);
            ids[i] = BlobId.Of(blob);
            puts.Add(store.PutAsync(ids[i], blob).AsTask());
            if (puts.Count == PutsAtOnce || i == count - 1)
            {
                await Task.WhenAll(puts);
                puts.Clear();
            }
        }

        return ids;
    }

    private static ValueTask<BlobStore> OpenAsync(string folder) =>
        BlobStore.OpenAsync(PhysicalFileSystem.Instance, folder, new BlobStoreOptions());

    // Where the blobs lie, as a recovery of the store finds them.
    private void ListPieces(string folder)
    {
        IFileSystem files = PhysicalFileSystem.Instance;
        if (!FormatFile.TryDecode(File.ReadAllBytes(Path.Combine(folder, FormatFile.Name)), out ulong salt))
            throw new InvalidOperationException("the store's FORMAT file cannot be read.");
        var paths = new List<string>();
        var lines = new StringBuilder();
        int pieces = 0;
        foreach (string name in files.List(folder).Order(StringComparer.Ordinal))
        {
            if (!Segment.TryParseName(name, out uint number))
                continue;
            int index = paths.Count;
            paths.Add(Path.Combine(folder, name));
            using IFile file = files.Open(paths[^1], FileOpenMode.Read);
            SegmentScanner.Scan(
                file, number, salt, SegmentHeader.Length, file.Length, verify: true,
                (in RecordHeader header, long offset, bool payloadGood) =>
                {
                    if (!payloadGood || header.PayloadLength != BlobLength)
                        throw new InvalidOperationException("the store holds a record that was not put.");
                    lines.Append(CultureInfo.InvariantCulture, $"{index} {offset + RecordHeader.Length}\n");
                    pieces++;
                });
        }

        if (pieces != _ids.Length)
            throw new InvalidOperationException($"the store's segments hold {pieces} blobs where {_ids.Length} were put.");
        string front = string.Create(CultureInfo.InvariantCulture, $"{BlobLength} {paths.Count} {pieces}\n");
        File.WriteAllText(_list, front + string.Concat(paths.Select(static path => path + "\n")) + lines);
    }

    // Both read the same bytes: the sum of all words is the same.
    private void Check()
    {
        ulong sum = 0;
        foreach (BlobId id in _ids)
        {
            using BlobLease lease = _store.GetAsync(id).AsTask().GetAwaiter().GetResult();
            if (BlobId.Of(lease.Memory.Span) != id)
                throw new InvalidOperationException($"the store gives other bytes for blob {id} than it was given.");
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(lease.Memory.Span))
                sum = unchecked(sum + word);
        }

        if (Peer("sum") != sum.ToString(CultureInfo.InvariantCulture))
            throw new InvalidOperationException("the peer reads other bytes than the store gives.");
    }

    private double Read(int threads, out long allocated)
    {
        BlobId[][] chosen = [.. Enumerable.Range(1, threads).Select(thread => Choose((ulong)thread * 0x9E3779B97F4A7C15))];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        Task.WaitAll([.. chosen.Select(ids => Task.Run(() => ReadAsync(ids)))]);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        return taken.TotalSeconds;
    }

    // By the same generator as the peer, and like it before the clock runs: whoever asks a store for something knows what.
    private BlobId[] Choose(ulong state)
    {
        var chosen = new BlobId[_reads];
        for (int i = 0; i < chosen.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chosen[i] = _ids[state % (ulong)_ids.Length];
        }

        return chosen;
    }

    private async Task ReadAsync(BlobId[] chosen)
    {
        foreach (BlobId id in chosen)
        {
            using BlobLease lease = await _store.GetAsync(id);
        }
    }

    private string Peer(params string[] arguments) => Command.Run(_peer, new Dictionary<string, string>(), [_list, .. arguments]).Output;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
