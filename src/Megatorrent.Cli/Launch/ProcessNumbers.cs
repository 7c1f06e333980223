namespace Megatorrent.Cli.Launch;

/// <summary>What this process takes of its machine: what somebody looks at who has a node run for months.</summary>
internal static class ProcessNumbers
{
    private const int LargeObjects = 3; // behind the generations; pinned ones follow

    /// <summary>The numbers of now; bytes, except <c>threads</c> of the pool and the counts of <c>collections</c> since the start.</summary>
    public static IReadOnlyDictionary<string, long> Take()
    {
        GCMemoryInfo heap = GC.GetGCMemoryInfo(GCKind.Any);
        return new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["allocated-bytes"] = GC.GetTotalAllocatedBytes(),
            ["collections"] = GC.CollectionCount(0),
            ["collections-full"] = GC.CollectionCount(GC.MaxGeneration),
            ["heap-bytes"] = heap.HeapSizeBytes,
            ["heap-committed-bytes"] = heap.TotalCommittedBytes,
            ["heap-fragmented-bytes"] = heap.FragmentedBytes,
            ["heap-large-bytes"] = heap.GenerationInfo[LargeObjects].SizeAfterBytes,
            ["heap-old-bytes"] = heap.GenerationInfo[GC.MaxGeneration].SizeAfterBytes,
            ["resident-bytes"] = Environment.WorkingSet,
            ["threads"] = ThreadPool.ThreadCount,
        };
    }
}
