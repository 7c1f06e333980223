using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Coordination;

/// <summary>The contract, kept by a real etcd; and what is so while there is none.</summary>
public sealed class EtcdCoordinatorTests : CoordinatorContract
{
    private EtcdServers? _etcd;

    protected override bool IsExact => true;

    public override async Task InitializeAsync()
    {
        _etcd = await EtcdServers.StartAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
    }

    [Fact]
    public async Task Without_etcd_the_layout_stands_still_and_everything_else_goes_on()
    {
        await Cluster.ChangeAsync(0, new LayoutNode(Cluster[1].Id, NodeMode.Active) { Weight = 5 });
        await _etcd!.KillAsync(0);

        MegatorrentException failure = await Assert.ThrowsAsync<MegatorrentException>(async () =>
            await Cluster[0].Coordinator.TryProposeAsync(TestLayouts.Next(Cluster[0].Coordinator.Layout), CancellationToken.None));
        Assert.Equal(ErrorKind.Unreachable, failure.Kind);
        Assert.Contains("reading and writing go on", failure.Message, StringComparison.Ordinal);
        await Cluster.UntilAsync(() => Cluster.Running.All(node => !node.Coordinator.IsReachable), "every node has noticed");

        // Writing, losing, repairing; a node that starts without etcd has the last layout, and SWIM says who lives.
        var stripe = new TestStripe(40, 1, 2);
        await Cluster.PutAsync(stripe);
        await Cluster.KillAsync(2);
        await Cluster.UntilAsync(() => Cluster.Running.All(node => node.Membership.View.Living.Count == 2), "its death is known");
        await Cluster.AddAsync(2);
        await Cluster.UntilAllSeeAsync(3);
        Assert.Equal(5, Cluster[2].Membership.View.Find(Cluster[1].Id)!.Weight);
        await Cluster[2].Store.DeleteAsync(stripe.Id);
        Cluster[2].Repair.RepairNow();
        Cluster[0].Repair.RepairNow();
        Cluster[1].Repair.RepairNow();
        await Cluster.UntilAsync(() => Cluster.IsWhole(stripe), "the copy is back");

        _etcd.Start(0);
        await Cluster.UntilAsync(() => Cluster.Running.All(node => node.Coordinator.IsReachable), "etcd is back");
        await Cluster.ChangeAsync(2, new LayoutNode(Cluster[1].Id, NodeMode.Active) { Weight = 6 });
        Assert.Equal(2, Cluster[0].Coordinator.Layout!.Layout.Epoch);
    }

    [Fact]
    public async Task An_etcd_that_lost_everything_is_told_the_layout_again()
    {
        await Cluster.ChangeAsync(0, new LayoutNode(Cluster[1].Id, NodeMode.Draining));
        await using EtcdServers fresh = await EtcdServers.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            await Cluster.KillAsync(i);
            await Cluster.AddAsync(i, Cluster.Options(i) with { Etcd = fresh.Options });
        }
        await Cluster.UntilAsync(() => Cluster.Running.All(node => node.Coordinator.IsReachable), "the new etcd answers");
        await Cluster.ChangeAsync(0, new LayoutNode(Cluster[1].Id, NodeMode.Active));
        Assert.All(Cluster.Running, node => Assert.Equal(2, node.Coordinator.Layout!.Layout.Epoch));
    }

    [Fact]
    public async Task Nodes_find_each_other_through_etcd_alone()
    {
        await Cluster.AddAsync(3, Cluster.Options(3)); // no entry point, nothing remembered
        await Cluster.UntilAllSeeAsync(4);
    }

    private protected override NodeOptions Coordinate(NodeOptions options) => options with { Etcd = _etcd!.Options };
}
