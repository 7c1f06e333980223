using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Stores;

/// <summary>What one blob store takes and gives: durable ingest beside dd, random reads beside pread.</summary>
internal static class StoreSection
{
    public static Section Section { get; } = new("store", "one blob store: durable ingest, and random reads", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        yield return new Ingest(context).Measure();
        using var reads = new RandomReads(context);
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
            yield return reads.Measure(threads);
    }
}
