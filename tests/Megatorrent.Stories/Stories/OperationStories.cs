namespace Megatorrent.Stories.Stories;

/// <summary>What an operator does to a cluster that is in use.</summary>
internal static class OperationStories
{
    public static Story[] All { get; } =
    [
        new("rolling-restart", "every node is restarted, one after the other, under load", false, RollingRestartAsync),
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
}
