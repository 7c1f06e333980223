namespace Megatorrent.Stories.Stories;

/// <summary>The layout is kept in etcd, and etcd fails.</summary>
internal static class CoordinatorStories
{
    public static Story[] All { get; } =
    [
        new("etcd-restarted", "the only etcd is SIGKILLed under load and started again", false, RestartedAsync),
        new("etcd-member", "one of three etcd members is SIGKILLed under load", false, MemberAsync),
    ];

    private static async Task<string> RestartedAsync(StoryContext story)
    {
        using EtcdProcesses etcd = await EtcdProcesses.StartAsync(story, 32_900, 1);
        await using StoryCluster cluster = await StartAsync(story, 32_920, etcd);
        int requests, away;
        string[] failures;
        string refusal;
        double back;
        await using (var load = new Load(cluster, workers: 4, length: 300_000))
        {
            await load.UntilMoreAsync(40);
            await cluster.UntilLayoutChangesAsync(cluster.Nodes[1], 50, seconds: 30);
            etcd.Kill(0);
            int before = load.Count;
            story.Say($"etcd killed after {before} requests");
            await load.UntilMoreAsync(story.Scaled(600, 80));
            refusal = cluster.LayoutRefusal(cluster.Nodes[1], 60)
                ?? throw new StoryException("a change of the layout was accepted while etcd was away");
            await cluster.Nodes[2].StopAsync();
            await cluster.Nodes[2].StartAsync(); // on the layout that it remembers
            await load.UntilMoreAsync(story.Scaled(600, 80));
            away = load.Count - before;
            await etcd.RestartAsync(0);
            back = await cluster.UntilLayoutChangesAsync(cluster.Nodes[1], 70, seconds: 60);
            await load.UntilMoreAsync(40);
            requests = load.Count;
            failures = load.Failures;
        }
        Verdict(failures, requests);
        await cluster.CheckAllAsync();
        return $"{requests} requests, {away} of them with etcd away, none failed, a node restarted meanwhile; a change of the layout was refused "
            + $"(\"{refusal}\") and taken {back:0.0} s after etcd was back";
    }

    private static async Task<string> MemberAsync(StoryContext story)
    {
        using EtcdProcesses etcd = await EtcdProcesses.StartAsync(story, 32_900, 3);
        await using StoryCluster cluster = await StartAsync(story, 32_940, etcd);
        int requests;
        string[] failures;
        double first, second;
        await using (var load = new Load(cluster, workers: 4, length: 300_000))
        {
            await load.UntilMoreAsync(40);
            etcd.Kill(0);
            first = await cluster.UntilLayoutChangesAsync(cluster.Nodes[1], 50, seconds: 30);
            await load.UntilMoreAsync(story.Scaled(600, 80));
            await etcd.RestartAsync(0);
            etcd.Kill(1);
            second = await cluster.UntilLayoutChangesAsync(cluster.Nodes[1], 60, seconds: 30);
            await load.UntilMoreAsync(story.Scaled(600, 80));
            requests = load.Count;
            failures = load.Failures;
        }
        Verdict(failures, requests);
        await cluster.CheckAllAsync();
        return $"{requests} requests, none failed; layout changed {first:0.0} s after the first member was killed, {second:0.0} s after a second "
            + "one was, when the first was back";
    }

    private static Task<StoryCluster> StartAsync(StoryContext story, int basePort, EtcdProcesses etcd) => StoryCluster.StartAsync(
        story, NodeNetwork.Loopback(basePort), 6, "--grace", "1h", "--coordinator", "etcd", "--etcd-endpoints", etcd.Endpoints);

    private static void Verdict(string[] failures, int requests)
    {
        if (failures.Length > 0)
            throw new StoryException($"{failures.Length} of {requests + failures.Length} requests failed, the first: {failures[0]}");
    }
}
