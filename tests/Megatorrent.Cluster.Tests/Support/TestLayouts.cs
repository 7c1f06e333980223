using Megatorrent.Cluster.Coordination;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>Layouts as an admin of the test cluster decides them.</summary>
internal static class TestLayouts
{
    public static SignedLayout Sign(ClusterLayout layout)
    {
        using Identity admin = TestKeys.Identity(1, "admin");
        return SignedLayout.Sign(layout, admin.Key, TestKeys.Certificate(admin, Role.Admin));
    }

    public static SignedLayout Next(SignedLayout? before, params LayoutNode[] changes) =>
        Sign((before?.Layout ?? ClusterLayout.Empty).Next(DateTimeOffset.UtcNow, changes));

    /// <summary>Changes a running cluster's layout through one of its nodes, again until it is taken.</summary>
    public static async Task ChangeAsync(this TestCluster cluster, int through, params LayoutNode[] changes)
    {
        ICoordinator coordinator = cluster[through].Coordinator;
        for (int attempt = 0; attempt < 20; attempt++)
        {
            SignedLayout next = Next(coordinator.Layout, changes);
            if (!await coordinator.TryProposeAsync(next, CancellationToken.None))
                continue;
            await cluster.UntilAsync(
                () => cluster.Running.All(node => node.Coordinator.Layout?.Layout.Epoch >= next.Layout.Epoch), "every node has the layout");
            return;
        }
        Assert.Fail($"The layout was not taken.\n{cluster.Log.Tail()}");
    }
}
