using System.Diagnostics;

namespace Megatorrent.Stories.Stories;

/// <summary>Nodes die.</summary>
internal static class DeathStories
{
    public static Story[] All { get; } =
    [
        new("two-killed", "two of six are SIGKILLed while objects are written and read", false, TwoKilledAsync),
        new("outage", "a node is down, 500 objects are written, the node returns, two others are killed", false, OutageAsync),
        new("old-copy", "a node's folder is set back to a copy of long ago, then two others are killed", false, OldCopyAsync),
    ];

    private static async Task<string> TwoKilledAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_000), 6, "--grace", "1h");
        string[] failures;
        int requests;
        await using (var load = new Load(cluster, workers: 4, length: 2_000_000))
        {
            await load.UntilMoreAsync(40);
            story.Say($"killing nodes 2 and 5 under load, {cluster.Files.Length} objects acknowledged");
            cluster.Nodes[1].Kill();
            cluster.Nodes[4].Kill();
            int before = load.Count;
            await load.UntilMoreAsync(story.Scaled(400, 80));
            requests = load.Count - before;
            failures = load.Failures;
        }
        // With two of six gone a put cannot reach k+1 domains and must say so; a get must go on.
        if (failures.FirstOrDefault(static failure => failure.StartsWith("get", StringComparison.Ordinal)) is { } wrong)
            throw new StoryException($"a get failed with two nodes dead: {wrong}");
        if (failures.FirstOrDefault(static failure => !failure.Contains("Nothing is acknowledged", StringComparison.Ordinal)) is { } odd)
            throw new StoryException($"a put failed without saying that nothing is acknowledged: {odd}");
        await cluster.CheckAllAsync();
        return $"{cluster.Files.Length} acknowledged objects read equal; {requests} requests after the kill, no get failed, "
            + $"{failures.Length} puts refused with their reason";
    }

    private static async Task<string> OutageAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_100), 6, "--grace", "1h");
        cluster.Nodes[0].Kill();
        int count = story.Scaled(500, 30);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(20_000 + (i * 300));
        story.Say($"{count} objects written while a node was down");
        await cluster.Nodes[0].StartAsync();
        TimeSpan healed = await cluster.UntilHealthyAsync();
        story.Say($"all at full strength {healed.TotalSeconds:0.0} s after the return");
        cluster.Nodes[3].Kill();
        cluster.Nodes[4].Kill();
        await cluster.ConnectAsync();
        await cluster.CheckAllAsync();
        return $"full strength {healed.TotalSeconds:0.0} s after the return; {count} of {count} objects read equal with two others dead";
    }

    private static async Task<string> OldCopyAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Loopback(32_200), 6, "--grace", "1h");
        int count = story.Scaled(100, 15);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(150_000);
        StoryNode node = cluster.Nodes[2];
        await node.StopAsync();
        string copy = Path.Combine(story.Folder, "copy");
        Shell.Succeed(null, "cp", "-a", node.Folder, copy);
        await node.StartAsync();
        await cluster.UntilLivingAsync(6);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(150_000);
        await cluster.UntilHealthyAsync();
        node.Kill();
        Directory.Delete(node.Folder, recursive: true);
        Shell.Succeed(null, "cp", "-a", copy, node.Folder);
        await node.StartAsync();
        story.Say($"node 3 is back with a copy from before the last {count} objects");
        var clock = Stopwatch.StartNew();
        await cluster.UntilHealthyAsync();
        TimeSpan healed = clock.Elapsed;
        cluster.Nodes[0].Kill();
        cluster.Nodes[5].Kill();
        await cluster.ConnectAsync();
        await cluster.CheckAllAsync();
        return $"full strength after {healed.TotalSeconds:0.0} s; {2 * count} objects read equal with two others dead";
    }
}
