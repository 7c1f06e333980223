using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Coordination;

/// <summary>Whole nodes that leave: drained, removed, replaced.</summary>
public class DrainTests
{
    private static NodeOptions NoGrace(NodeOptions options) => options with { Repair = options.Repair with { GraceMs = 0 } };

    [Theory]
    [InlineData(7)]
    [InlineData(6)] // fewer domains than blobs once it is gone: one domain holds two
    public async Task A_node_is_drained_says_so_and_leaves_without_a_loss(int nodes)
    {
        await using TestCluster cluster = await new TestCluster { Configure = NoGrace }.StartAsync(nodes);
        TestStripe[] stripes = [.. Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? new TestStripe(600 + (ulong)i, 1, 2)
            : new TestStripe(600 + (ulong)i, 4, 2))];
        await cluster.PutAsync(stripes);
        int leaver = cluster.HoldersOf(stripes[0].Id)[0];
        NodeId id = cluster[leaver].Id;
        Assert.NotEqual(0, cluster[leaver].Store.Statistics.Blobs);

        await cluster.ChangeAsync((leaver + 1) % nodes, new LayoutNode(id, NodeMode.Draining));
        await cluster.UntilAsync(() => Layout(cluster[leaver])["drained"] == 1, "it says that it is drained");
        Assert.Equal(0, Layout(cluster[leaver])["blobs-left"]);
        long held = cluster[leaver].Store.Statistics.Blobs;

        // What is put now goes elsewhere, and a client that does not know yet is told.
        TestStripe[] later = [.. Enumerable.Range(0, 6).Select(i => new TestStripe(700 + (ulong)i, 4, 2))];
        await cluster.PutAsync(later);
        Assert.Equal(held, cluster[leaver].Store.Statistics.Blobs);
        PeerConnection connection = await cluster.ConnectAsync(leaver, Role.Writer);
        var stray = new TestStripe(800, 1, 2);
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(async () =>
            await connection.StoreAsync(stray.Id, stray.Blobs[0], stray.Descriptor.Encoded, CancellationToken.None));
        Assert.Equal(ErrorKind.StoreFull, refused.Kind);
        TestStripe known = stripes.First(stripe => stripe.Descriptor.Ids.ToArray().Any(cluster[leaver].Store.Contains));
        int index = Array.FindIndex(known.Descriptor.Ids.ToArray(), cluster[leaver].Store.Contains);
        Assert.False(await connection.StoreAsync(
            known.Descriptor.Ids[index], known.Blobs[index], known.Descriptor.Encoded, CancellationToken.None)); // it has that one

        await cluster.ChangeAsync((leaver + 1) % nodes, new LayoutNode(id, NodeMode.Removed));
        await cluster.KillAsync(leaver);
        await cluster.UntilSettledAsync();
        Assert.All([.. stripes, .. later], stripe => Assert.True(cluster.IsWhole(stripe), stripe.Id.ToString()));
    }

    [Fact]
    public async Task A_drain_that_has_nowhere_to_go_is_not_called_done()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(2);
        var stripe = new TestStripe(41, 1, 1);
        await cluster.PutAsync(stripe);
        await cluster.ChangeAsync(0, new LayoutNode(cluster[0].Id, NodeMode.Draining), new LayoutNode(cluster[1].Id, NodeMode.Draining));
        long[] cycles = [.. cluster.Running.Select(node => node.Repair.Status.Cycles)];
        foreach (NodeServer node in cluster.Running)
            node.Repair.RepairNow();
        await cluster.UntilAsync(() => cluster.Running.Select((node, i) => node.Repair.Status.Cycles > cycles[i]).All(more => more), "a cycle");
        Assert.All(cluster.Running, node => Assert.Equal((0, 1), (Layout(node)["drained"], Layout(node)["blobs-left"])));
        await cluster.ChangeAsync(0, new LayoutNode(cluster[0].Id, NodeMode.Active)); // undrained
        await cluster.UntilAsync(() => Layout(cluster[1])["drained"] == 1, "the other may go");
        Assert.Equal(0, Layout(cluster[0])["drained"]);
    }

    [Fact]
    public async Task A_removed_node_may_not_store_or_fetch()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        var stripe = new TestStripe(42, 1, 1);
        await cluster.PutAsync(stripe);
        using Identity removed = TestKeys.Identity(2);
        await cluster.ChangeAsync(0, new LayoutNode(removed.Id, NodeMode.Removed));
        PeerConnection connection = await cluster.Pool(TestKeys.Identity(2), TestKeys.Certificate(removed))
            .GetAsync(cluster[0].AdvertisedEndpoint, cluster[0].Id, CancellationToken.None);
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(async () =>
            await connection.WantAsync(new[] { stripe.Id }, CancellationToken.None));
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);
        Assert.Contains("removed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replacement_takes_the_blobs_of_the_dead_and_nothing_else_moves()
    {
        await using TestCluster cluster = await new TestCluster { Configure = NoGrace }.StartAsync(8);
        TestStripe[] stripes = [.. Enumerable.Range(0, 12).Select(i => new TestStripe(900 + (ulong)i, 4, 2))];
        await cluster.PutAsync(stripes);
        NodeId dead = cluster[3].Id;
        await cluster.ChangeAsync(0, new LayoutNode(dead, NodeMode.Draining)); // so that nothing is rebuilt before the new one is there
        await cluster.ChangeAsync(0, new LayoutNode(dead, NodeMode.Active));
        int before = cluster.Running.Sum(node => (int)node.Store.Statistics.Blobs);
        int lost = (int)cluster[3].Store.Statistics.Blobs;
        Assert.InRange(lost, 1, 12);
        int others = before - lost;

        NodeServer fresh = await cluster.AddAsync(20);
        await cluster.UntilAllSeeAsync(9);
        await cluster.ChangeAsync(
            0, new LayoutNode(dead, NodeMode.Removed), new LayoutNode(fresh.Id, NodeMode.Active) { Place = dead });
        await cluster.KillAsync(3);
        await cluster.UntilAsync(() => stripes.All(cluster.IsWhole), "the blobs are back");
        await cluster.UntilSettledAsync();
        int onFresh = (int)fresh.Store.Statistics.Blobs;
        int onOthers = cluster.Running.Where(node => node != fresh).Sum(node => (int)node.Store.Statistics.Blobs);
        Assert.True(onFresh >= lost * 3 / 4, $"{onFresh} of {lost} blobs went to the replacement, {onOthers - others} elsewhere");
    }

    private static IReadOnlyDictionary<string, long> Layout(NodeServer node) => node.Status.Services["layout"];
}
