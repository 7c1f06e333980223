using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Coordination;

/// <summary>What every coordinator does, shown with three whole nodes.</summary>
public abstract class CoordinatorContract : IAsyncLifetime
{
    private const int Nodes = 3;

    private readonly Lazy<TestCluster> _cluster;

    protected CoordinatorContract() => _cluster = new Lazy<TestCluster>(() => new TestCluster { Configure = Coordinate });

    internal TestCluster Cluster => _cluster.Value;

    /// <summary>Whether of several changes at one moment exactly one is taken; else at least one, and all agree on one afterwards.</summary>
    protected abstract bool IsExact { get; }

    public virtual async Task InitializeAsync()
    {
        await Cluster.StartAsync(Nodes);
        await Cluster.UntilAsync(
            () => Cluster.Running.All(node => node.Coordinator.Present.Count == Nodes && node.Coordinator.IsReachable), "all are present");
    }

    public virtual async Task DisposeAsync() => await Cluster.DisposeAsync();

    [Fact]
    public void At_first_nothing_is_decided() => Assert.All(Cluster.Running, node =>
    {
        Assert.Null(node.Coordinator.Layout);
        Assert.Equal(NodeMode.Active, node.Membership.Mode);
    });

    [Fact]
    public async Task A_layout_reaches_every_node_in_order_and_shows_in_its_view()
    {
        var seen = new List<long>();
        Cluster[2].Coordinator.LayoutChanged += layout =>
        {
            lock (seen)
                seen.Add(layout.Layout.Epoch);
            Cluster.Pulse.Beat();
        };
        NodeId drained = Cluster[1].Id;
        await Cluster.ChangeAsync(0, new LayoutNode(drained, NodeMode.Draining) { Weight = 7, Domain = "site-a/rack-1" });
        await Cluster.ChangeAsync(1, new LayoutNode(drained, NodeMode.Draining) { Weight = 8, Domain = "site-a/rack-1" });
        await Cluster.UntilAsync(
            () => Cluster.Running.All(node => node.Membership.View.Find(drained) is
            { Mode: NodeMode.Draining, Weight: 8, Domain: "site-a/rack-1" }), "every view shows it");
        await Cluster.UntilAsync(
            () =>
            {
                lock (seen) // the view may show it before this handler has heard of it
                    return seen.Contains(2);
            },
            "the event of the second layout");
        lock (seen)
            Assert.Equal(seen.Order().Distinct(), seen);

        await Cluster.ChangeAsync(2, new LayoutNode(drained, NodeMode.Removed));
        await Cluster.UntilAsync(() => Cluster.Running.All(node => node.Membership.View.Find(drained) is null), "no view shows it");
        await Cluster.ChangeAsync(0, new LayoutNode(drained, NodeMode.Active));
        await Cluster.UntilAsync(
            () => Cluster.Running.All(node => node.Membership.View.Find(drained) is { Mode: NodeMode.Active }), "it is there again");
    }

    [Fact]
    public async Task A_layout_that_does_not_follow_is_not_taken()
    {
        ICoordinator coordinator = Cluster[0].Coordinator;
        SignedLayout first = TestLayouts.Next(null, new LayoutNode(Cluster[0].Id, NodeMode.Active) { Weight = 2 });
        SignedLayout rival = TestLayouts.Next(null, new LayoutNode(Cluster[0].Id, NodeMode.Active) { Weight = 3 });
        Assert.True(await coordinator.TryProposeAsync(first, CancellationToken.None));
        Assert.False(await coordinator.TryProposeAsync(rival, CancellationToken.None));
        Assert.False(await coordinator.TryProposeAsync(TestLayouts.Next(rival), CancellationToken.None));
        Assert.Equal(first.Encoded, coordinator.Layout!.Encoded);
        Assert.True(await coordinator.TryProposeAsync(TestLayouts.Next(first), CancellationToken.None));
        Assert.Equal(2, coordinator.Layout!.Layout.Epoch);
    }

    [Fact]
    public async Task Of_changes_at_one_moment_one_becomes_the_layout_of_all()
    {
        SignedLayout[] rivals = [.. Enumerable.Range(0, Nodes).Select(
            i => TestLayouts.Next(null, new LayoutNode(Cluster[i].Id, NodeMode.Active) { Weight = 10 + i }))];
        bool[] taken = await Task.WhenAll(
            rivals.Select((rival, i) => Cluster[i].Coordinator.TryProposeAsync(rival, CancellationToken.None).AsTask()));
        if (IsExact)
            Assert.Single(taken, true);
        else
            Assert.Contains(true, taken);
        await Cluster.UntilAsync(
            () => Cluster.Running.All(node => node.Coordinator.Layout is not null)
                && Cluster.Running.Select(node => Convert.ToHexString(node.Coordinator.Layout!.Encoded)).Distinct().Count() == 1,
            "all have the same layout");
        int winner = Array.FindIndex(rivals, rival => rival.Encoded.SequenceEqual(Cluster[0].Coordinator.Layout!.Encoded));
        Assert.True(winner >= 0 && taken[winner], "the layout is one that was taken");
    }

    [Fact]
    public async Task A_layout_that_no_admin_signed_is_refused()
    {
        ICoordinator coordinator = Cluster[0].Coordinator;
        ClusterLayout wanted = ClusterLayout.Empty.Next(DateTimeOffset.UtcNow, new LayoutNode(Cluster[1].Id, NodeMode.Removed));
        using Identity stranger = TestKeys.Identity(5, "stranger");
        SignedLayout forged = SignedLayout.Sign(wanted, stranger.Key, null);
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await coordinator.TryProposeAsync(forged, CancellationToken.None));
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);
        using Identity node = TestKeys.Identity(0);
        Assert.Equal(
            ErrorKind.Unauthorized,
            Assert.Throws<MegatorrentException>(() => SignedLayout.Sign(wanted, node.Key, TestKeys.Certificate(node))).Kind);
        Assert.Null(coordinator.Layout);
    }

    [Fact]
    public async Task A_layout_survives_the_restart_of_all_nodes()
    {
        await Cluster.ChangeAsync(0, new LayoutNode(Cluster[2].Id, NodeMode.Draining));
        byte[] before = Cluster[0].Coordinator.Layout!.Encoded;
        for (int i = 0; i < Nodes; i++)
            await Cluster.KillAsync(i);
        NodeServer first = await Cluster.AddAsync(2);
        Assert.Equal(before, first.Coordinator.Layout!.Encoded); // out of its own folder: nobody else is there
        Assert.Equal(NodeMode.Draining, first.Membership.Mode);
        await Cluster.AddAsync(0);
        await Cluster.AddAsync(1);
        await Cluster.UntilAllSeeAsync(Nodes);
        Assert.All(Cluster.Running, node => Assert.Equal(before, node.Coordinator.Layout!.Encoded));
    }

    [Fact]
    public async Task A_damaged_layout_file_is_said_and_the_others_tell_the_layout_again()
    {
        await Cluster.ChangeAsync(0, new LayoutNode(Cluster[1].Id, NodeMode.Draining));
        await Cluster.KillAsync(1);
        await File.WriteAllBytesAsync(Path.Combine(Cluster.FolderOf(1), "layout"), "d1:e"u8.ToArray());
        await Cluster.AddAsync(1);
        Assert.Contains(Cluster.Log.Lines, line => line.Contains("remembered layout cannot be used", StringComparison.Ordinal));
        await Cluster.UntilAsync(() => Cluster[1].Membership.Mode == NodeMode.Draining, "it knows the layout again");
    }

    [Fact]
    public async Task A_node_that_is_gone_is_not_present()
    {
        NodeId gone = Cluster[2].Id;
        await Cluster.KillAsync(2);
        await Cluster.UntilAsync(() => Cluster.Running.All(node => !node.Coordinator.Present.Contains(gone)), "its lease is over");
        await Cluster.AddAsync(2);
        await Cluster.UntilAsync(() => Cluster.Running.All(node => node.Coordinator.Present.Contains(gone)), "it has one again");
    }

    [Fact]
    public async Task A_range_is_repaired_by_one_node_and_by_another_when_that_one_is_gone()
    {
        var range = new RepairRange(0x5a);
        var holders = new List<int>();
        for (int i = 0; i < Nodes; i++)
        {
            if (await Cluster[i].Coordinator.TryLeaseRepairAsync(range, CancellationToken.None))
                holders.Add(i);
        }
        int holder = Assert.Single(holders);
        Assert.True(await Cluster[holder].Coordinator.TryLeaseRepairAsync(range, CancellationToken.None), "who has it may take it again");
        NodeId killed = Cluster[holder].Id;
        await Cluster.KillAsync(holder);
        int[] others = [.. Enumerable.Range(0, Nodes).Where(i => i != holder)];
        await Cluster.UntilAsync(
            () => others.All(i => !Cluster[i].Coordinator.Present.Contains(killed)), "its lease on its membership has run out");
        bool[] taken = await Task.WhenAll(
            others.Select(i => Cluster[i].Coordinator.TryLeaseRepairAsync(range, CancellationToken.None).AsTask()));
        Assert.Single(taken, has => has);
    }

    private protected abstract NodeOptions Coordinate(NodeOptions options);
}
