using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Nodes;

/// <summary>Whole nodes that repair each other's loss.</summary>
public class NodeRepairTests
{
    private static NodeOptions NoGrace(NodeOptions options) => options with { Repair = options.Repair with { GraceMs = 0 } };

    [Fact]
    public async Task A_missing_blob_is_rebuilt_when_it_is_noticed()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(6);
        var stripe = new TestStripe(1, 4, 2);
        await cluster.PutAsync(stripe);
        await cluster.UntilSettledAsync();
        BlobId lost = stripe.Descriptor.Ids[2];
        int holder = Assert.Single(cluster.HoldersOf(lost));
        await cluster[holder].Store.DeleteAsync(lost);

        PeerConnection connection = await cluster.ConnectAsync(holder, Role.Reader);
        await connection.NoticeAsync(lost, NoticeKind.Missing, CancellationToken.None);
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the blob is back");
        Assert.Equal(holder, Assert.Single(cluster.HoldersOf(lost)));
        await cluster.UntilAsync( // it is counted once its store has acknowledged it
            () => cluster.Running.Sum(node => node.Repair.Status.BlobsRestoredTotal) == 1, "one blob is counted as restored");
    }

    [Fact]
    public async Task A_blob_damaged_on_disk_is_found_by_the_scrub_and_replaced()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(6);
        var stripe = new TestStripe(2, 4, 2);
        await cluster.PutAsync(stripe);
        BlobId bad = stripe.Descriptor.Ids[5];
        int holder = Assert.Single(cluster.HoldersOf(bad));
        Damage(cluster.FolderOf(holder), stripe.Blobs[5]);

        var report = await cluster[holder].ScrubAsync(0, CancellationToken.None);
        Assert.Equal([bad], report.Bad);
        Assert.Equal(1, cluster[holder].Status.Scrub.Bad);
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the blob is back");
        Assert.True(await cluster[holder].Store.CheckAsync(bad));
    }

    [Fact]
    public async Task A_blob_damaged_on_disk_is_found_when_it_is_noticed_and_replaced()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(6);
        var stripe = new TestStripe(3, 4, 2);
        await cluster.PutAsync(stripe);
        BlobId bad = stripe.Descriptor.Ids[0];
        int holder = Assert.Single(cluster.HoldersOf(bad));
        Damage(cluster.FolderOf(holder), stripe.Blobs[0]);

        PeerConnection connection = await cluster.ConnectAsync(holder, Role.Reader);
        await connection.NoticeAsync(bad, NoticeKind.Corrupt, CancellationToken.None);
        Assert.False(cluster[holder].Store.Contains(bad));
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the blob is back");
        Assert.True(await cluster[holder].Store.CheckAsync(bad));
    }

    [Fact]
    public async Task A_false_notice_drops_nothing()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        var stripe = new TestStripe(4, 1, 2);
        await cluster.PutAsync(stripe);
        PeerConnection connection = await cluster.ConnectAsync(0, Role.Reader);
        await connection.NoticeAsync(stripe.Id, NoticeKind.Corrupt, CancellationToken.None);
        await connection.NoticeAsync(stripe.Id, NoticeKind.Missing, CancellationToken.None);
        Assert.True(cluster.IsWhole(stripe));
    }

    [Fact]
    public async Task A_node_that_was_down_during_puts_gets_its_blobs_when_it_is_back()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(6);
        await cluster.KillAsync(3);
        await cluster.UntilAllSeeAsync(5);
        TestStripe[] stripes = [.. Enumerable.Range(0, 8).Select(i => new TestStripe(100 + (ulong)i, 4, 2)), new TestStripe(200, 1, 2),
            new TestStripe(201, 2, 2)];
        await cluster.PutAsync(stripes);
        Assert.All(stripes.Take(8), stripe => Assert.Equal(5, stripe.Descriptor.Ids.ToArray().Count(id => cluster.HoldersOf(id).Length > 0)));

        await cluster.AddAsync(3);
        await cluster.UntilAsync(() => stripes.All(cluster.IsWhole), "every stripe is whole");
        await cluster.UntilSettledAsync();
        Assert.Equal(8, stripes.Take(8).Sum(stripe => stripe.Descriptor.Ids.ToArray().Count(id => cluster[3].Store.Contains(id))));
    }

    [Fact]
    public async Task Two_killed_two_fresh_and_two_others_killed_leaves_everything_readable()
    {
        await using TestCluster cluster = await new TestCluster { Configure = NoGrace }.StartAsync(6);
        TestStripe[] stripes = [.. Enumerable.Range(0, 12).Select(i => new TestStripe(300 + (ulong)i, 4, 2)), new TestStripe(400, 1, 2),
            new TestStripe(401, 3, 2)];
        await cluster.PutAsync(stripes);
        Assert.All(stripes, stripe => Assert.True(cluster.IsWhole(stripe)));

        await cluster.KillAsync(0);
        await cluster.KillAsync(4);
        await cluster.UntilAllSeeAsync(4);
        await cluster.AddAsync(6);
        await cluster.AddAsync(7);
        await cluster.UntilAllSeeAsync(6);
        await cluster.UntilAsync(() => stripes.All(cluster.IsWhole), "every stripe is whole on six nodes");
        await cluster.UntilSettledAsync();
        Assert.Equal(stripes.Length, cluster.Running.Sum(node => node.Repair.Status.StripesHealthy)); // every stripe is counted once
        foreach (TestStripe stripe in stripes.Take(12))
        {
            foreach (NodeServer node in cluster.Running)
                Assert.Equal(1, stripe.Descriptor.Ids.ToArray().Count(id => node.Store.Contains(id))); // one a domain
        }

        await cluster.KillAsync(1);
        await cluster.KillAsync(2);
        Assert.All(stripes, stripe =>
        {
            int left = stripe.Descriptor.Ids.ToArray().Count(id => cluster.HoldersOf(id).Length > 0);
            Assert.True(left >= stripe.Descriptor.DataShards);
        });
    }

    [Fact]
    public async Task Nothing_is_doubled_up_while_domains_are_short()
    {
        await using TestCluster cluster = await new TestCluster { Configure = NoGrace }.StartAsync(6);
        var stripe = new TestStripe(5, 4, 2);
        await cluster.PutAsync(stripe);
        await cluster.KillAsync(2);
        await cluster.UntilAllSeeAsync(5);
        await cluster.UntilAsync(() => cluster.Running.Sum(node => node.Repair.Status.StripesWaiting) == 1, "the stripe is known to wait");
        foreach (NodeServer node in cluster.Running)
            Assert.InRange(stripe.Descriptor.Ids.ToArray().Count(id => node.Store.Contains(id)), 0, 1);
        Assert.DoesNotContain(cluster.Running, node => node.Repair.Status.Settled && node.Repair.Status.StripesResponsible > 0);

        await cluster.AddAsync(8);
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the fresh node took the missing blob");
    }

    [Fact]
    public async Task A_member_within_its_grace_time_is_waited_for_unless_repair_is_asked_for()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(7); // one more than a stripe needs
        var stripe = new TestStripe(6, 4, 2);
        await cluster.PutAsync(stripe);
        int spare = Enumerable.Range(0, 7).Single(i => stripe.Descriptor.Ids.ToArray().All(id => !cluster[i].Store.Contains(id)));
        int gone = Enumerable.Range(0, 7).First(i => i != spare);
        await cluster.KillAsync(gone);
        await cluster.UntilAllSeeAsync(6);
        NodeServer responsible = Responsible(cluster, stripe);
        long cycles = responsible.Repair.Status.Cycles;
        responsible.Repair.Trigger("test");
        await cluster.UntilAsync(
            () => responsible.Repair.Status.Cycles > cycles && responsible.Repair.Status.StripesWaiting == 1, "a cycle found it waiting");
        Assert.False(cluster.IsWhole(stripe));

        PeerConnection connection = await cluster.ConnectAsync(spare, Role.Writer);
        foreach (NodeServer node in cluster.Running)
        {
            PeerConnection each = await cluster.Pool(Role.Writer).GetAsync(node.AdvertisedEndpoint, node.Id, CancellationToken.None);
            Assert.Empty(await each.StatusAsync(StatusQuery.RepairNow, CancellationToken.None));
        }
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the spare node took the blob");
        Assert.Contains(stripe.Descriptor.Ids.ToArray(), id => cluster[spare].Store.Contains(id));
    }

    [Fact]
    public async Task A_grace_time_that_ends_starts_the_repair_by_itself()
    {
        await using TestCluster cluster = await new TestCluster
        {
            Configure = static options => options with { Repair = options.Repair with { GraceMs = 1500 } },
        }.StartAsync(7);
        TestStripe[] stripes = [.. Enumerable.Range(0, 4).Select(i => new TestStripe(500 + (ulong)i, 4, 2))];
        await cluster.PutAsync(stripes);
        await cluster.KillAsync(1);
        await cluster.UntilAsync(() => stripes.All(cluster.IsWhole), "the blobs of the dead member were rebuilt elsewhere");
    }

    [Fact]
    public async Task A_holder_without_the_descriptor_gets_it()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(6);
        var stripe = new TestStripe(7, 4, 2);
        await cluster.PutAsync(stripe);
        NodeServer responsible = Responsible(cluster, stripe);
        NodeServer other = cluster.Running.First(node => node != responsible && node.Store.ContainsDescriptor(stripe.Id));
        await other.Store.DeleteDescriptorAsync(stripe.Id);
        responsible.Repair.RepairNow();
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the holder has the descriptor again");

        await responsible.Store.DeleteDescriptorAsync(stripe.Id); // and so does the one that would have to see to it
        other.Repair.RepairNow();
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the responsible holder has the descriptor again");
    }

    [Fact]
    public async Task Copies_of_one_blob_are_brought_back_to_full_number()
    {
        await using TestCluster cluster = await new TestCluster { Configure = NoGrace }.StartAsync(5);
        var stripe = new TestStripe(8, 1, 2);
        await cluster.PutAsync(stripe);
        Assert.Equal(3, cluster.HoldersOf(stripe.Id).Length);
        foreach (int holder in cluster.HoldersOf(stripe.Id).Take(2))
            await cluster.KillAsync(holder);
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "three copies again");
    }

    [Fact]
    public async Task A_stripe_put_on_three_nodes_is_spread_when_three_more_join()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        var stripe = new TestStripe(9, 4, 2);
        await cluster.PutAsync(stripe);
        Assert.All(cluster.Running, node => Assert.Equal(2, stripe.Descriptor.Ids.ToArray().Count(id => node.Store.Contains(id))));
        for (int i = 3; i < 6; i++)
            await cluster.AddAsync(i);
        await cluster.UntilAllSeeAsync(6);
        await cluster.UntilAsync(
            () => cluster.Running.All(node => stripe.Descriptor.Ids.ToArray().Any(id => node.Store.Contains(id))),
            "every node holds a blob");
        await cluster.UntilSettledAsync();
    }

    [Fact]
    public async Task Losing_more_than_can_be_rebuilt_is_reported_and_made_good_when_a_node_returns()
    {
        await using TestCluster cluster = await new TestCluster { Configure = NoGrace }.StartAsync(6);
        var stripe = new TestStripe(10, 4, 2);
        await cluster.PutAsync(stripe);
        for (int i = 0; i < 3; i++)
            await cluster.KillAsync(i);
        await cluster.UntilAllSeeAsync(3);
        await cluster.UntilAsync(() => cluster.Running.Sum(node => node.Repair.Status.StripesUnrecoverable) == 1, "the stripe is reported");
        Assert.Contains(cluster.Log.Lines, line => line.Contains(" error ", StringComparison.Ordinal)
            && line.Contains(stripe.Id.ToString(), StringComparison.Ordinal));
        for (int i = 0; i < 3; i++)
            await cluster.AddAsync(i);
        await cluster.UntilAllSeeAsync(6);
        await cluster.UntilSettledAsync();
        Assert.True(cluster.IsWhole(stripe));
    }

    private static NodeServer Responsible(TestCluster cluster, TestStripe stripe)
    {
        ClusterView view = cluster.Running.First().Membership.View;
        foreach (Member member in Placement.Rank(stripe.Id, view.Living))
        {
            NodeServer? node = cluster.Running.FirstOrDefault(node => node.Id == member.Id);
            if (node is not null && stripe.Descriptor.Ids.ToArray().Any(id => node.Store.Contains(id)))
                return node;
        }
        throw new InvalidOperationException("Nobody holds a blob of the stripe.");
    }

    // One bit of the blob, where it lies in the segment file.
    private static void Damage(string folder, byte[] blob)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            byte[] bytes;
            using (var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
            {
                bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                int at = bytes.AsSpan().IndexOf(blob);
                if (at < 0)
                    continue;
                stream.Position = at + blob.Length / 2;
                stream.WriteByte((byte)(blob[blob.Length / 2] ^ 0x10));
                return;
            }
        }
        Assert.Fail("The blob is in no file.");
    }
}
