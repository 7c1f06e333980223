using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>Nodes that re-hash their blobs by themselves, and say since when they are good.</summary>
public class NodeScrubTests
{
    [Fact]
    public async Task Damage_is_found_within_the_period_and_repaired()
    {
        await using TestCluster cluster = await new TestCluster { Configure = options => options with { ScrubPeriodMs = 2000 } }.StartAsync(6);
        var stripe = new TestStripe(1, 4, 2);
        await cluster.PutAsync(stripe);
        BlobId bad = stripe.Descriptor.Ids[3];
        int holder = Assert.Single(cluster.HoldersOf(bad));
        Disk.Damage(cluster.FolderOf(holder), stripe.Blobs[3]);
        await cluster.UntilAsync(() => cluster[holder].Status.Services["audit"]["scrub-bad"] == 1, "the scrub found it");
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the blob is back");
        Assert.Equal(0, cluster[holder].Status.Services["audit"]["evidence-late"]);
    }

    [Fact]
    public async Task A_node_says_since_when_its_blobs_are_good_and_what_it_audited()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(6);
        var stripe = new TestStripe(2, 4, 2);
        await cluster.PutAsync(stripe);
        NodeServer auditor = cluster[0], audited = cluster[1];
        AuditResult audit = (await auditor.Audit.AuditNowAsync(auditor.Membership.View.Find(audited.Id)!, CancellationToken.None))!.Value;
        EvidenceReply reply = await AskAsync(cluster, 0, stripe);
        long[] ages = reply.Stripes[0]!;
        for (int i = 0; i < ages.Length; i++)
        {
            Assert.Equal(auditor.Store.Contains(stripe.Descriptor.Ids[i]), ages[i] >= 0);
            Assert.True(ages[i] == EvidenceReply.NotHeld || ages[i] is >= 0 and < 120_000);
        }
        AuditedBlob one = Assert.Single(reply.Audited);
        Assert.Equal((audited.Id, audit.Blob), (one.Holder, one.Blob));
        Assert.InRange(one.AgeMs, 0, 60_000);
        Assert.Null((await AskAsync(cluster, 0, new TestStripe(3, 4, 2))).Stripes[0]);
    }

    [Fact]
    public async Task Without_its_record_a_node_knows_nothing_until_it_has_read_everything()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        var stripe = new TestStripe(4, 1, 2);
        await cluster.PutAsync(stripe);
        await cluster.KillAsync(1);
        string record = Path.Combine(cluster.FolderOf(1), "scrub");
        await File.WriteAllBytesAsync(record, "d1:vi1"u8.ToArray());
        await cluster.AddAsync(1);
        Assert.Contains(cluster.Log.Lines, line => line.Contains("error", StringComparison.Ordinal) && line.Contains("record of scrubs", StringComparison.Ordinal));
        Assert.Equal(EvidenceReply.Unknown, Assert.Single((await AskAsync(cluster, 1, stripe)).Stripes[0]!));
        Assert.Equal(1, cluster[1].Status.Services["audit"]["evidence-late"]);
        await cluster[1].ScrubAsync(0, CancellationToken.None);
        Assert.InRange((await AskAsync(cluster, 1, stripe)).Stripes[0]![0], 0, 60_000);
        Assert.Equal(0, cluster[1].Status.Services["audit"]["evidence-late"]);

        // And after a restart it still knows.
        await cluster.KillAsync(1);
        await cluster.AddAsync(1);
        Assert.InRange((await AskAsync(cluster, 1, stripe)).Stripes[0]![0], 0, 60_000);
    }

    [Fact]
    public void A_reply_is_the_same_when_it_is_read()
    {
        var stripe = new TestStripe(5, 2, 1);
        var reply = new EvidenceReply(
            [[5, EvidenceReply.Unknown, EvidenceReply.NotHeld], null], [new AuditedBlob(TestKeys.Identity(1).Id, stripe.Descriptor.Ids[0], 9)]);
        EvidenceReply read = EvidenceReply.Decode(reply.Encode(), [stripe.Descriptor, stripe.Descriptor]);
        Assert.Equal(reply.Stripes, read.Stripes);
        Assert.Equal(reply.Audited, read.Audited);
        Assert.Throws<Core.MegatorrentException>(() => EvidenceReply.Decode(reply.Encode(), [stripe.Descriptor]));
        Assert.Throws<Core.MegatorrentException>(() => EvidenceReply.Decode(reply.Encode(), [stripe.Descriptor, stripe.Descriptor, stripe.Descriptor]));
        BlobId[] ids = [.. Enumerable.Range(0, EvidenceQuestion.StripesMax).Select(TestKeys.Stripe)];
        Assert.Equal(ids, EvidenceQuestion.DecodeBody(NodeQuestion.Decode(EvidenceQuestion.Encode(ids)).Body.Span));
    }

    private static async Task<EvidenceReply> AskAsync(TestCluster cluster, int number, TestStripe stripe)
    {
        PeerConnection reader = await cluster.ConnectAsync(number, Role.Reader);
        return EvidenceReply.Decode(
            await reader.StatusAsync(EvidenceQuestion.Encode([stripe.Id]), CancellationToken.None), [stripe.Descriptor]);
    }
}
