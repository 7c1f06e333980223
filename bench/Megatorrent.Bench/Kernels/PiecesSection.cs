using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Megatorrent.Bench.Table;
using Megatorrent.Core;
using Megatorrent.Core.Execution;
using Megatorrent.Core.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Megatorrent.Bench.Kernels;

/// <summary>The hashes of a file's pieces beside libtorrent's.</summary>
internal static class PiecesSection
{
    private const int PieceLength = 1 << 20;
    private const int Threads = 2;

    public static Section Section { get; } =
        new("pieces", "hashing the pieces of a file in the page cache, v1 and v2, beside libtorrent's set_piece_hashes", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        string path = Path.Combine(context.Folder, "pieces.bin");
        long length = context.Pick(4L << 30, 512L << 20, 16L << 20);
        Write(path, length);
        try
        {
            yield return Hash(context, path, length, "v1", "SHA-1");
            yield return Hash(context, path, length, "v2", "Merkle tree of SHA-256");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Row Hash(BenchContext context, string path, long length, string kind, string hash)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        byte[] ours = Ours(file, length, kind, Threads).Hashes;
        LibtorrentRun first = Theirs(context, path, kind, out byte[] theirs); // each once before it counts
        if (!ours.AsSpan().SequenceEqual(theirs))
            throw new InvalidOperationException($"the {kind} hashes of {length} bytes differ from libtorrent's.");

        var ourProcessor = new List<double>();
        var theirProcessor = new List<double>();
        // 0 is libtorrent, 1 and 2 are ours with as many threads.
        double[] seconds = Interleaved.Medians(context.Rounds, contenders: Threads + 1, contender =>
        {
            if (contender == 0)
            {
                var run = Theirs(context, path, kind, out _);
                theirProcessor.Add(run.ProcessorSeconds);
                return run.Seconds;
            }

            OurRun ourRun = Ours(file, length, kind, contender);
            if (contender == Threads)
                ourProcessor.Add(ourRun.ProcessorSeconds);
            return ourRun.Seconds;
        });
        double gigabytes = length / 1e9;
        return new Row
        {
            What = $"{kind} ({hash}), {length >> 20} MiB in pieces of 1 MiB, {Threads} threads",
            Unit = "GB/s",
            Ours = gigabytes / seconds[Threads],
            Peer = $"libtorrent {first.Version}",
            Theirs = gigabytes / seconds[0],
            Wanted = 2,
            Note = $"{Sha256.Name}; libtorrent takes a hashing thread for two processors and cannot be told otherwise from Python: ours "
                + $"with one thread {gigabytes / seconds[1]:0.00} GB/s; processor seconds {Figures.Median(ourProcessor):0.00} with two, "
                + $"theirs {Figures.Median(theirProcessor):0.00}",
        };
    }

    private static OurRun Ours(SafeFileHandle file, long length, string kind, int threads)
    {
        var hasher = new PieceHasher(ThreadPoolExecutor.Instance, threads);
        using var process = Process.GetCurrentProcess();
        TimeSpan processor = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        byte[] hashes = kind == "v1"
            ? hasher.HashV1Async(Read, length, PieceLength).AsTask().GetAwaiter().GetResult()
            : hasher.HashV2Async(Read, length, PieceLength).AsTask().GetAwaiter().GetResult().GetLayer(PieceLength).ToArray();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        return new OurRun(hashes, seconds, (process.TotalProcessorTime - processor).TotalSeconds);

        void Read(long offset, Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(file, destination, offset);
                if (read == 0)
                    throw new EndOfStreamException();
                offset += read;
                destination = destination[read..];
            }
        }
    }

    private static LibtorrentRun Theirs(BenchContext context, string path, string kind, out byte[] hashes)
    {
        string output = Path.Combine(context.Folder, "pieces.hashes");
        string script = Path.Combine(context.Root, "bench", "peers", "piece_hashes.py");
        string json = Command.Run(
            "/usr/bin/python3", new Dictionary<string, string>(), script, path, kind, PieceLength.ToString(CultureInfo.InvariantCulture), output)
            .Output;
        hashes = File.ReadAllBytes(output);
        File.Delete(output);
        return JsonSerializer.Deserialize<LibtorrentRun>(json, JsonSerializerOptions.Web)!;
    }

    // Written and then read, so that it lies in the page cache.
    private static void Write(string path, long length)
    {
        var random = new SeededRandomSource(6);
        byte[] buffer = new byte[1 << 20];
        using FileStream file = File.Create(path);
        for (long written = 0; written < length; written += buffer.Length)
        {
            random.Fill(buffer);
            file.Write(buffer);
        }
    }

    private sealed record OurRun(byte[] Hashes, double Seconds, double ProcessorSeconds);

    private sealed record LibtorrentRun(double Seconds, double ProcessorSeconds, string Version);
}
