namespace Megatorrent.Cli.Launch;

/// <summary>What this process takes of its machine: what somebody looks at who has a node run for months.</summary>
internal static class ProcessNumbers
{
    /// <summary>The numbers of now; bytes, except <c>threads</c> of the pool and <c>collections</c> of garbage since the start.</summary>
    public static IReadOnlyDictionary<string, long> Take()
    {
        GCMemoryInfo heap = GC.GetGCMemoryInfo(GCKind.Any);
        return new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["allocated-bytes"] = GC.GetTotalAllocatedBytes(),
            ["collections"] = GC.CollectionCount(0),
            ["heap-bytes"] = heap.HeapSizeBytes,
            ["heap-committed-bytes"] = heap.TotalCommittedBytes,
            ["resident-bytes"] = Environment.WorkingSet,
            ["threads"] = ThreadPool.ThreadCount,
        };
    }
}
