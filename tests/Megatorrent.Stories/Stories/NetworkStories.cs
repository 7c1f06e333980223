using System.Diagnostics;
using Megatorrent.Core;

namespace Megatorrent.Stories.Stories;

/// <summary>The network between the nodes breaks, each node in a network namespace of its own.</summary>
internal static class NetworkStories
{
    public static Story[] All { get; } =
    [
        new("partition", "a partition 3|3 for two minutes, then healed", true, PartitionAsync),
        new("asymmetric", "two nodes hear nothing from two others for two minutes, then do", true, AsymmetricAsync),
        new("lossy", "every node loses 2 % of its packets and sends at 50 Mbit/s", true, LossyAsync),
    ];

    private static async Task<string> PartitionAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Separate(), 6);
        await PutSomeAsync(story, cluster);
        int[] left = [0, 1, 2], right = [3, 4, 5];
        foreach (int node in left)
            cluster.Network.Deafen(node, right);
        foreach (int node in right)
            cluster.Network.Deafen(node, left);
        story.Say("cut in two halves");
        (int put, int refused) = await PutWhileAsync(story, cluster);
        cluster.Network.Heal();
        var clock = Stopwatch.StartNew();
        await cluster.UntilLivingAsync(6);
        TimeSpan seen = clock.Elapsed;
        await cluster.UntilHealthyAsync();
        TimeSpan healed = clock.Elapsed;
        await cluster.CheckAllAsync();
        return $"{put} puts acknowledged and {refused} refused during the cut (the client reached both halves); "
            + $"all six see each other {seen.TotalSeconds:0.0} s after it, full strength after {healed.TotalSeconds:0.0} s, everything equal";
    }

    private static async Task<string> AsymmetricAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Separate(), 6);
        await PutSomeAsync(story, cluster);
        cluster.Network.Deafen(0, 2, 3);
        cluster.Network.Deafen(1, 2, 3);
        story.Say("nodes 1 and 2 hear nothing from 3 and 4");
        (int put, int refused) = await PutWhileAsync(story, cluster);
        int living = (await cluster.Client.RefreshAsync()).Living.Count;
        cluster.Network.Heal();
        var clock = Stopwatch.StartNew();
        await cluster.UntilLivingAsync(6);
        await cluster.UntilHealthyAsync();
        await cluster.CheckAllAsync();
        return $"{put} puts acknowledged, {refused} refused; {living} of 6 counted as living meanwhile; "
            + $"full strength {clock.Elapsed.TotalSeconds:0.0} s after it, everything equal";
    }

    private static async Task<string> LossyAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(story, NodeNetwork.Separate(), 6);
        const int LossPercent = 2, MegabitsPerSecond = 50;
        foreach (StoryNode node in cluster.Nodes)
        {
            cluster.Network.Lose(node.Number, LossPercent);
            cluster.Network.Slow(node.Number, MegabitsPerSecond);
        }
        var clock = Stopwatch.StartNew();
        int count = story.Scaled(60, 10);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(1_000_000);
        TimeSpan written = clock.Elapsed;
        await cluster.CheckAllAsync();
        TimeSpan read = clock.Elapsed - written;
        int deaths = Deaths(cluster);
        cluster.Network.Heal();
        await cluster.UntilHealthyAsync();
        return $"{count} MB written in {written.TotalSeconds:0.0} s and read equal in {read.TotalSeconds:0.0} s; "
            + $"{deaths} false deaths in the logs; full strength in the end";
    }

    // Puts all the time of the cut: what is acknowledged must be readable afterwards, what is not must say so.
    private static async Task<(int Put, int Refused)> PutWhileAsync(StoryContext story, StoryCluster cluster)
    {
        var clock = Stopwatch.StartNew();
        var duration = TimeSpan.FromSeconds(story.Scaled(120, 20));
        (int put, int refused) = (0, 0);
        while (clock.Elapsed < duration)
        {
            try
            {
                await cluster.PutAsync(200_000);
                put++;
            }
            catch (MegatorrentException exception) when (exception.Kind is not ErrorKind.Internal)
            {
                refused++;
            }
        }
        story.Say($"{put} puts acknowledged, {refused} refused");
        return (put, refused);
    }

    private static async Task PutSomeAsync(StoryContext story, StoryCluster cluster)
    {
        int count = story.Scaled(60, 10);
        for (int i = 0; i < count; i++)
            await cluster.PutAsync(500_000);
        await cluster.UntilHealthyAsync();
        story.Say($"{count} objects at full strength");
    }

    private static int Deaths(StoryCluster cluster) => cluster.Nodes.Sum(static node =>
        File.ReadLines(Path.Combine(node.Folder, "node.log")).Count(static line => line.Contains(" is dead", StringComparison.Ordinal)));
}
