using System.Diagnostics;
using System.Globalization;

namespace Megatorrent.Stories.Stories;

/// <summary>How long repair takes, and what it costs those who use the cluster meanwhile.</summary>
internal static class RepairStories
{
    public static Story[] All { get; } =
    [
        new("full-health", "one of six dies for good and a fresh node takes its place, at a limited repair rate, under load", false, FullHealthAsync),
    ];

    private static async Task<string> FullHealthAsync(StoryContext story)
    {
        const int RateMegabytesPerSecond = 40; // of each node, fetched and stored
        const int ObjectLength = 16 << 20, DataShards = 4;
        await using StoryCluster cluster = await StoryCluster.StartAsync(
            story, NodeNetwork.Loopback(32_700), 6, "--repair-rate", RateMegabytesPerSecond.ToString(CultureInfo.InvariantCulture) + "MB/s");
        int count = story.Scaled(480, 20);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(ObjectLength);
        StoryNode dead = cluster.Nodes[2];
        long lost = dead.StoredBytes;
        story.Say($"{count} objects put; node 3 holds {lost >> 20} MiB");

        (double P99, int Count) before, during;
        TimeSpan took;
        int failed;
        await using (var load = new Load(cluster, workers: 2, length: 300_000))
        {
            await load.UntilMoreAsync(story.Scaled(1000, 200));
            before = load.TakeLatency();
            dead.Kill();
            var clock = Stopwatch.StartNew();
            await cluster.GrowAsync(1);
            await cluster.UntilAsync(async () => (await cluster.Client.RefreshAsync()).Living.Count == 6, "six living members", 60);
            await cluster.UntilAsync(() => RestoredAsync(cluster, lost), "the lost bytes are restored", 3600);
            took = clock.Elapsed;
            during = load.TakeLatency();
            failed = load.Failures.Length;
        }
        await cluster.UntilHealthyAsync(600);

        // A blob that is rebuilt costs k - 1 fetches, since the repairing node holds one itself, and one store; five survivors share the work.
        const int Survivors = 5;
        double expected = lost * (double)DataShards / (Survivors * RateMegabytesPerSecond * 1e6);
        double ratio = took.TotalSeconds / expected;
        string figures = $"{lost >> 20} MiB restored in {took.TotalSeconds:0.0} s, {ratio:0.00} x the {expected:0.0} s that their bytes need at the rate; "
            + $"p99 {before.P99:0} ms before ({before.Count} requests), {during.P99:0} ms during ({during.Count}), {during.P99 / before.P99:0.00} x; {failed} requests failed";
        return failed == 0 ? figures : throw new StoryException(figures);
    }

    private static async Task<bool> RestoredAsync(StoryCluster cluster, long lost)
    {
        foreach (Cluster.Member member in (await cluster.Client.RefreshAsync()).Living)
        {
            Cluster.RepairStatus status = (await cluster.Client.StatusAsync(member)).Repair;
            if (status.StripesEndangered > 0 || status.StripesUnderRepair > 0 || status.Running || status.StripesWaiting > 0)
                return false;
        }
        return cluster.Nodes[^1].StoredBytes > lost * 8 / 10;
    }
}
