using System.Globalization;
using Megatorrent.Bench.Table;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;
using Megatorrent.Storage.Files;

namespace Megatorrent.Bench.Stores;

/// <summary>What the index of a store costs: memory for each blob, and the time that a start takes to load it.</summary>
internal static class IndexSection
{
    private const int Million = 1_000_000;
    private const int PutsAtOnce = 8192; // flushed together, so that not the disk decides how long the store takes to fill
    private const double BytesMax = 64;
    private const double OpenSecondsMax = 2;

    public static Section Section { get; } = new("index", "the index of a store: memory, and opening from a checkpoint", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        string folder = Path.Combine(context.Folder, "index");
        int filled = 0;
        foreach (int count in context.Pick<int[]>([Million, 10 * Million], [Million], [20_000]))
        {
            FillAsync(folder, filled, count).GetAwaiter().GetResult();
            filled = count;
            context.Say($"{count} blobs are put");
            (double seconds, double bytes) = Open(context, folder, count);
            string blobs = count >= Million ? $"{count / Million} million" : count.ToString(CultureInfo.InvariantCulture);
            bool isPromised = count >= 10 * Million; // on fewer blobs what a process takes up anyway weighs too much
            yield return new Row
            {
                What = $"resident memory a blob, {blobs} blobs",
                Unit = "bytes",
                Ours = bytes,
                Wanted = count >= Million ? BytesMax : null,
                SmallerIsBetter = true,
                Note = "growth of VmRSS of a fresh process that opens the store, after a collection",
            };
            yield return new Row
            {
                What = $"opening from its checkpoint, {blobs} blobs",
                Unit = "s",
                Ours = seconds,
                Wanted = isPromised ? OpenSecondsMax : null,
                SmallerIsBetter = true,
                Note = "in a fresh process whose code is compiled; one thread; page cache warm; the checkpoint's checksum verified",
            };
        }

        Directory.Delete(folder, recursive: true);
    }

    // Through the store itself, as any blobs; they are as short as can be told apart, because only their number counts here.
    private static async Task FillAsync(string folder, int from, int to)
    {
        await using BlobStore store = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, folder, new BlobStoreOptions());
        var puts = new List<Task<bool>>(PutsAtOnce);
        for (int number = from; number < to; number++)
        {
            byte[] blob = StoreHost.Blob(number);
            puts.Add(store.PutAsync(BlobId.Of(blob), blob).AsTask());
            if (puts.Count == PutsAtOnce || number == to - 1)
            {
                await Task.WhenAll(puts);
                puts.Clear();
            }
        }
    }

    private static (double Seconds, double BytesPerBlob) Open(BenchContext context, string folder, int count)
    {
        var seconds = new List<double>();
        var bytes = new List<double>();
        for (int round = 0; round < context.Rounds; round++)
        {
            string[] figures = Self.Run(StoreHost.Verb, folder, count.ToString(CultureInfo.InvariantCulture)).Output.Split(' ');
            seconds.Add(double.Parse(figures[0], CultureInfo.InvariantCulture));
            bytes.Add(double.Parse(figures[1], CultureInfo.InvariantCulture) / count);
        }

        return (Figures.Median(seconds), Figures.Median(bytes));
    }
}
