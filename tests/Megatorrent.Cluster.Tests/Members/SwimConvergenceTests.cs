using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Members;

/// <summary>Ten nodes in virtual time. Every assertion names its seed.</summary>
public class SwimConvergenceTests
{
    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Ten_nodes_find_each_other_through_one(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(10);
        double took = cluster.RunUntil(() => cluster.AllAlive(10), 30);
        Assert.True(took is >= 0 and < 6, $"seed {seed}: {took} s until all ten know each other");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_killed_node_is_suspected_then_dead_everywhere_and_nobody_else_is(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(10);
        cluster.Run(20);
        cluster.Nodes[4].IsUp = false;
        double suspected =
            cluster.RunUntil(() => cluster.Nodes.Any(node => node.IsUp && node.StateOf(cluster.Nodes[4].Id) == MemberState.Suspect), 10);
        Assert.True(suspected is >= 0 and < 3, $"seed {seed}: {suspected} s until somebody suspects");
        double dead = cluster.RunUntil(() => cluster.AllSee(MemberState.Dead, cluster.Nodes[4]), 30);
        Assert.True(dead is >= 4 and < 12, $"seed {seed}: {dead} s more until it is dead everywhere");
        Assert.True(cluster.AllAlive(9), $"seed {seed}: a living node is not seen alive");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Two_nodes_killed_at_once_are_both_found(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(6);
        cluster.Run(20);
        cluster.Nodes[0].IsUp = false; // the one that the others joined through: no node is special
        cluster.Nodes[3].IsUp = false;
        double dead = cluster.RunUntil(
            () => cluster.AllSee(MemberState.Dead, cluster.Nodes[0]) && cluster.AllSee(MemberState.Dead, cluster.Nodes[3]), 30);
        Assert.True(dead is >= 5 and < 15, $"seed {seed}: {dead} s until both are dead everywhere");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Lost_messages_kill_nobody(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(10);
        cluster.Run(20);
        cluster.Loss = 0.10;
        cluster.Run(300);
        string? death =
            cluster.Nodes.SelectMany(node => node.Log).FirstOrDefault(line => line.Contains(" dead:", StringComparison.Ordinal));
        Assert.True(death is null, $"seed {seed}: {death}");
        cluster.Loss = 0;
        Assert.True(cluster.RunUntil(() => cluster.AllAlive(10), 30) >= 0, $"seed {seed}: not all alive after the loss ended");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_partition_splits_the_cluster_and_heals(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(10);
        cluster.Run(20);
        HashSet<NodeId> left = [.. cluster.Nodes.Take(5).Select(node => node.Id)];
        cluster.Connected = (from, to) => left.Contains(from.Id) == left.Contains(to.Id);
        Assert.True(cluster.RunUntil(() => cluster.AllAlive(5), 60) >= 0, $"seed {seed}: the halves still count on each other");
        cluster.Run(60);
        Assert.All(cluster.Nodes, node => Assert.Equal(10, node.Machine.View.Members.Count)); // nobody is forgotten
        cluster.Connected = static (_, _) => true;
        double healed = cluster.RunUntil(() => cluster.AllAlive(10), 60);
        Assert.True(healed is >= 0 and < 30, $"seed {seed}: {healed} s until the halves are one again");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_link_that_is_cut_between_two_is_bridged_by_others(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(6);
        cluster.Run(20);
        (NodeId a, NodeId b) = (cluster.Nodes[1].Id, cluster.Nodes[2].Id);
        cluster.Connected = (from, to) => !((from.Id == a && to.Id == b) || (from.Id == b && to.Id == a));
        cluster.Run(120);
        string? blame =
            cluster.Nodes.SelectMany(node => node.Log).FirstOrDefault(line => line.Contains(" suspect:", StringComparison.Ordinal));
        Assert.True(blame is null, $"seed {seed}: {blame}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_stalled_process_blames_nobody_and_is_back_at_once(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(8);
        cluster.Run(20);
        VirtualNode stalled = cluster.Nodes[5];
        stalled.IsStalled = true;
        Assert.True(
            cluster.RunUntil(() => cluster.AllSee(MemberState.Dead, stalled), 60) >= 0, $"seed {seed}: a stopped process is not found");
        stalled.IsStalled = false;
        double back = cluster.RunUntil(() => cluster.AllAlive(8), 60);
        Assert.True(back is >= 0 and < 10, $"seed {seed}: {back} s until it is alive everywhere");
        Assert.Contains(stalled.Log, line => line.Contains("stood still", StringComparison.Ordinal));
        Assert.DoesNotContain(stalled.Log, line => line.Contains(" dead:", StringComparison.Ordinal));
        Assert.True(stalled.Machine.Self.Incarnation > 1, "it refuted");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_node_that_returns_from_its_memory_is_alive_at_once(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(6);
        cluster.Run(20);
        VirtualNode old = cluster.Nodes[2];
        var remembered = old.Machine.Remembered(cluster.Now);
        old.IsUp = false;
        cluster.Run(30);
        Assert.True(cluster.AllSee(MemberState.Dead, old), $"seed {seed}");
        VirtualNode returned = cluster.Add(2, remembered, endpoint: "10.9.9.9:4444"); // another port, and no entry point but its memory
        double back = cluster.RunUntil(() => cluster.AllAlive(6), 30);
        Assert.True(back is >= 0 and < 5, $"seed {seed}: {back} s until it is alive everywhere");
        Assert.All(
            cluster.Nodes.Where(node => node.IsUp), node => Assert.Equal("10.9.9.9:4444", node.Machine.View.Find(returned.Id)!.Endpoint));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_node_that_lost_its_memory_raises_its_incarnation_when_it_hears_of_the_old_one(ulong seed)
    {
        VirtualCluster cluster = new VirtualCluster(seed).Start(6);
        cluster.Run(20);
        cluster.Nodes[2].IsUp = false;
        cluster.Run(30);
        VirtualNode returned = cluster.Add(2);
        cluster.Schedule(TimeSpan.FromSeconds(1), () => returned.JoinThrough(cluster.Nodes[4]));
        double back = cluster.RunUntil(() => cluster.AllAlive(6), 30);
        Assert.True(back is >= 0 and < 8, $"seed {seed}: {back} s until it is alive everywhere");
        Assert.True(returned.Machine.Self.Incarnation >= 2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        string[] histories = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            VirtualCluster cluster = new VirtualCluster(77).Start(8);
            cluster.Loss = 0.2;
            cluster.Run(60);
            return string.Join('\n', cluster.Nodes.SelectMany(node => node.Log));
        })];
        Assert.Equal(histories[0], histories[1]);
        Assert.NotEmpty(histories[0]);
    }
}
