using System.Diagnostics;
using System.Globalization;
using Megatorrent.Bench.Files;
using Megatorrent.Bench.Table;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Bench.Growth;

/// <summary>How cost grows with the size of a file, the width of a stripe, the number of nodes, and the number of blobs: three sizes each.</summary>
internal static class GrowthSection
{
    private const string Memory = "/dev/shm";
    private const int SmallBlob = 4096;
    private const int PutsAtOnce = 1024;

    public static Section Section { get; } =
        new("growth", "how cost grows with file size, stripe width, nodes and blobs; draws bench/results/growth.svg", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        string folder = Path.Combine(Directory.Exists(Memory) ? Memory : context.Folder, $"megatorrent-growth-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            var panels = new List<Panel>();
            long middle = context.Pick(full: 64, quick: 16, check: 2);
            int rounds = Math.Min(context.Rounds, 3);
            (long, string, int)[] sizes = [.. context.Pick<long[]>([8, 64, 512], [2, 16, 64], [1, 2, 4]).Select(static size => (size, "4+2", 6))];
            (long, string, int)[] widths = [(middle, "2+1", 14), (middle, "4+2", 14), (middle, "10+4", 14)];
            (long, string, int)[] nodes = [.. context.Pick<int[]>([6, 12, 24], [6, 9, 12], [6, 7, 8]).Select(count => (middle, "4+2", count))];
            foreach (Row row in Files(context, folder, rounds, "file size", "MiB", sizes, static run => run.Mebibytes, panels))
                yield return row;
            foreach (Row row in Files(context, folder, rounds, "stripe width", "k", widths, static run => Data(run.Scheme), panels))
                yield return row;
            foreach (Row row in Files(context, folder, rounds, "nodes", "nodes", nodes, static run => run.Nodes, panels))
                yield return row;
            foreach (Row row in Blobs(context, folder, panels))
                yield return row;
            string plot = Path.Combine(context.Root, "bench", "results", "growth.svg");
            Directory.CreateDirectory(Path.GetDirectoryName(plot)!);
            File.WriteAllText(plot, Plot.Draw(panels));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Data(string scheme) => int.Parse(scheme.Split('+')[0], CultureInfo.InvariantCulture);

    private static List<Row> Files(
        BenchContext context, string folder, int rounds, string what, string unit, (long Mebibytes, string Scheme, int Nodes)[] runs,
        Func<(long Mebibytes, string Scheme, int Nodes), double> x, List<Panel> panels)
    {
        var rows = new List<Row>();
        var puts = new List<(double, double)>();
        var gets = new List<(double, double)>();
        string file = Path.Combine(folder, "file"), back = Path.Combine(folder, "back");
        foreach (var run in runs)
        {
            context.Say($"growth with {what}: {run.Mebibytes} MiB, {run.Scheme}, {run.Nodes} nodes");
            SampleFile.Make(file, run.Mebibytes << 20);
            var put = new List<double>();
            var get = new List<double>();
            for (int round = 0; round < rounds; round++)
            {
                using var cluster = new LoopbackCluster(context, folder, run.Nodes);
                var (time, capability) = cluster.Put(file, run.Scheme);
                put.Add(time.Seconds);
                get.Add(cluster.Get(capability, back).Seconds);
                if (!File.ReadAllBytes(back).AsSpan().SequenceEqual(File.ReadAllBytes(file)))
                    throw new InvalidOperationException($"the file of {run.Mebibytes} MiB came back different.");
                File.Delete(back);
            }

            string name = $"{what}: {run.Mebibytes} MiB, {run.Scheme}, {run.Nodes} nodes";
            double Rate(List<double> seconds) => run.Mebibytes * 1.048576 / Figures.Median(seconds);
            rows.Add(new Row { What = $"put by {name}", Unit = "MB/s", Ours = Rate(put), Note = Seconds(put) });
            rows.Add(new Row { What = $"get by {name}", Unit = "MB/s", Ours = Rate(get), Note = Seconds(get) });
            puts.Add((x(run), Rate(put)));
            gets.Add((x(run), Rate(get)));
        }

        File.Delete(file);
        panels.Add(new Panel($"by {what}", unit, "MB/s", [new Series("put", puts), new Series("get", gets)]));
        return rows;
    }

    private static string Seconds(List<double> seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{Figures.Median(seconds):0.00} s, the start of the client included");

    // One store, 4 KiB blobs: what a put and a get cost when that many are there.
    private static List<Row> Blobs(BenchContext context, string folder, List<Panel> panels)
    {
        var rows = new List<Row>();
        var puts = new List<(double, double)>();
        var gets = new List<(double, double)>();
        foreach (int count in context.Pick<int[]>([10_000, 100_000, 1_000_000], [1_000, 10_000, 100_000], [100, 1_000, 3_000]))
        {
            context.Say($"growth with blobs: {count}");
            var (put, get) = BlobsAsync(Path.Combine(folder, "store"), count).GetAwaiter().GetResult();
            rows.Add(new Row { What = $"put of a 4 KiB blob, {PutsAtOnce} at once, of {count} in the store", Unit = "µs", Ours = put, SmallerIsBetter = true });
            rows.Add(new Row { What = $"get of a 4 KiB blob, one at a time, of {count} in the store", Unit = "µs", Ours = get, SmallerIsBetter = true });
            puts.Add((count, put));
            gets.Add((count, get));
        }

        panels.Add(new Panel("one store, 4 KiB blobs", "blobs in the store", "µs", [new Series("put", puts), new Series("get", gets)]));
        return rows;
    }

    private static async Task<(double Put, double Get)> BlobsAsync(string folder, int count)
    {
        var ids = new BlobId[count];
        var random = new SeededRandomSource(1);
        double put, get;
        await using (BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, folder, new BlobStoreOptions()))
        {
            var blobs = new byte[PutsAtOnce][];
            long taken = 0;
            for (int first = 0; first < count; first += PutsAtOnce)
            {
                int batch = Math.Min(PutsAtOnce, count - first);
                for (int i = 0; i < batch; i++)
                {
                    random.Fill(blobs[i] = new byte[SmallBlob]);
                    ids[first + i] = BlobId.Of(blobs[i]);
                }

                long start = Stopwatch.GetTimestamp();
                await Task.WhenAll(Enumerable.Range(0, batch).Select(i => store.PutAsync(ids[first + i], blobs[i]).AsTask()));
                taken += Stopwatch.GetTimestamp() - start;
            }

            put = Stopwatch.GetElapsedTime(0, taken).TotalMicroseconds / count;
            const int Gets = 20_000;
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < Gets; i++)
            {
                using BlobLease lease = await store.GetAsync(ids[random.Next(count)]);
                if (lease.Length != SmallBlob)
                    throw new InvalidOperationException("a blob came back with another length.");
            }

            get = Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Gets;
        }

        Directory.Delete(folder, recursive: true);
        return (put, get);
    }
}
