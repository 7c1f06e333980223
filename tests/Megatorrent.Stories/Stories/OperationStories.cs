using System.Diagnostics;

namespace Megatorrent.Stories.Stories;

/// <summary>What an operator does to a cluster that is in use.</summary>
internal static class OperationStories
{
    public static Story[] All { get; } =
    [
        new("rolling-restart", "every node is restarted, one after the other, under load", false, RollingRestartAsync),
        new("drain", "one of seven nodes is drained under load, and removed", false, DrainAsync),
        new("forget", "objects are forgotten, and others put that have blobs in common with them", false, ForgetAsync),
    ];

    private static async Task<string> RollingRestartAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_600), 6, "--grace", "1h");
        string[] failures;
        int requests;
        await using (var load = new Load(cluster, workers: 4, length: 300_000))
        {
            await load.UntilMoreAsync(40);
            foreach (StoryNode node in cluster.Nodes)
            {
                await node.StopAsync();
                await load.UntilMoreAsync(story.Scaled(200, 40)); // it is away for as long as these take
                await node.StartAsync();
                await cluster.UntilLivingAsync(6);
                story.Say($"node {node.Number + 1} restarted, {load.Count} requests so far, {load.Failures.Length} failed");
            }
            requests = load.Count;
            failures = load.Failures;
        }
        if (failures.Length > 0)
            throw new StoryException($"{failures.Length} of {requests + failures.Length} requests failed, the first: {failures[0]}");
        TimeSpan healed = await cluster.UntilHealthyAsync();
        await cluster.CheckAllAsync();
        return $"{requests} requests, none failed; full strength {healed.TotalSeconds:0.0} s after the last restart";
    }

    private static async Task<string> DrainAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_640), 7, "--grace", "1h");
        StoryNode leaving = cluster.Nodes[3];
        string[] failures;
        int requests, during;
        double took;
        long moved;
        await using (var load = new Load(cluster, workers: 4, length: 1_000_000))
        {
            await load.UntilMoreAsync(story.Scaled(300, 60));
            moved = leaving.StoredBytes;
            int before = load.Count;
            var clock = Stopwatch.StartNew();
            await Task.Run(() => cluster.Megatorrent("cluster", "drain", leaving.Endpoint, "--wait"));
            took = clock.Elapsed.TotalSeconds;
            during = load.Count - before;
            story.Say($"drained after {took:0.0} s and {during} requests");
            cluster.Megatorrent("cluster", "remove", leaving.Endpoint);
            await leaving.StopAsync();
            await load.UntilMoreAsync(story.Scaled(300, 60));
            requests = load.Count;
            failures = load.Failures;
        }
        if (failures.Length > 0)
            throw new StoryException($"{failures.Length} of {requests + failures.Length} requests failed, the first: {failures[0]}");
        await cluster.ConnectAsync();
        TimeSpan healed = await cluster.UntilHealthyAsync();
        await cluster.CheckAllAsync();
        return $"{moved >> 20} MiB drained in {took:0.0} s, {during} requests meanwhile, {requests} in all, none failed; "
            + $"full strength {healed.TotalSeconds:0.0} s after the removal";
    }

    private static async Task<string> ForgetAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(
            story, NodeNetwork.Loopback(32_660), 6, "--collect-after", "3s", "--collect-period", "1s");
        int count = story.Scaled(200, 30);
        var twins = new List<StoredFile>();
        for (int i = 0; i < count; i++)
        {
            StoredFile file = await cluster.PutAsync(100_000 + (i * 1000), deduplicate: true);
            if (i % 3 == 0)
                twins.Add(file);
        }
        long before = cluster.Nodes.Sum(static node => node.StoredBytes);
        int forgotten = 0, again = 0;
        foreach (StoredFile file in cluster.Files)
        {
            bool isTwin = twins.Contains(file);
            await cluster.ForgetAsync(file);
            forgotten++;
            if (!isTwin)
                continue;
            await cluster.PutAgainAsync(file); // onto blobs that are on their way to be collected
            again++;
        }
        await cluster.UntilAsync(
            () => Task.FromResult(cluster.NumbersOf("leases") is { Length: 6 } nodes && Array.TrueForAll(nodes, IsCollected)),
            "everything forgotten is collected", 480); // a lease counts 5 min longer than it says
        await cluster.CheckAllAsync();
        TimeSpan healed = await cluster.UntilHealthyAsync();
        return $"{forgotten} of {count} objects forgotten and {again} of these put again at once: those are whole and equal "
            + $"({healed.TotalSeconds:0.0} s), the others' blobs are gone; {before >> 20} MiB were stored";
    }

    private static bool IsCollected(Dictionary<string, long> leases) => leases["ended"] == 0 && leases["collected-stripes"] > 0;
}
