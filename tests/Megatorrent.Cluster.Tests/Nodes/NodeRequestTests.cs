using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Nodes;

/// <summary>What one node answers.</summary>
public class NodeRequestTests
{
    [Fact]
    public async Task A_blob_is_stored_with_its_descriptor_and_given_back()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var stripe = new TestStripe(1, 2, 1);
        PeerConnection writer = await cluster.ConnectAsync(0, Role.Writer);
        Assert.True(await writer.StoreAsync(stripe.Descriptor.Ids[0], stripe.Blobs[0], stripe.Descriptor.Encoded, CancellationToken.None));
        Assert.False(await writer.StoreAsync(stripe.Descriptor.Ids[0], stripe.Blobs[0], stripe.Descriptor.Encoded, CancellationToken.None));

        PeerConnection reader = await cluster.ConnectAsync(0, Role.Reader);
        bool[] has = await reader.WantAsync(stripe.Descriptor.Ids.ToArray(), CancellationToken.None);
        Assert.Equal("True False False", string.Join(' ', has));
        var whole = new byte[stripe.Blobs[0].Length];
        await reader.GetAsync(stripe.Descriptor.Ids[0], 0, whole, CancellationToken.None);
        Assert.Equal(stripe.Blobs[0], whole);
        var part = new byte[100];
        await reader.GetAsync(stripe.Descriptor.Ids[0], 50, part, CancellationToken.None);
        Assert.Equal(stripe.Blobs[0][50..150], part);
        byte[]?[] found = await reader.FindAsync(new[] { stripe.Id, TestKeys.Stripe(9) }, CancellationToken.None);
        Assert.Equal(stripe.Descriptor.Encoded, found[0]);
        Assert.Null(found[1]);
        Assert.Equal(ErrorKind.NotFound,
            await KindAsync(async () => await reader.GetAsync(stripe.Descriptor.Ids[1], 0, part, CancellationToken.None)));
        Assert.Equal(ErrorKind.InvalidArgument,
            await KindAsync(async () => await reader.GetAsync(stripe.Descriptor.Ids[0], 1950, part, CancellationToken.None)));
    }

    [Fact]
    public async Task What_does_not_fit_together_is_not_stored()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var stripe = new TestStripe(2, 2, 1);
        var other = new TestStripe(3, 2, 1);
        PeerConnection writer = await cluster.ConnectAsync(0, Role.Writer);
        async Task<ErrorKind> StoreAsync(BlobId id, byte[] blob, byte[] descriptor) =>
            await KindAsync(async () => await writer.StoreAsync(id, blob, descriptor, CancellationToken.None));

        Assert.Equal(ErrorKind.InvalidArgument, await StoreAsync(stripe.Descriptor.Ids[0], stripe.Blobs[0], []));
        Assert.Equal(ErrorKind.Malformed, await StoreAsync(stripe.Descriptor.Ids[0], stripe.Blobs[0], [1, 2, 3]));
        Assert.Equal(ErrorKind.InvalidArgument, await StoreAsync(other.Descriptor.Ids[0], other.Blobs[0], stripe.Descriptor.Encoded));
        Assert.Equal(ErrorKind.InvalidArgument,
            await StoreAsync(stripe.Descriptor.Ids[0], stripe.Blobs[1], stripe.Descriptor.Encoded)); // another length
        byte[] wrong = [.. stripe.Blobs[0]];
        wrong[7] ^= 1;
        Assert.Equal(ErrorKind.Integrity, await StoreAsync(stripe.Descriptor.Ids[0], wrong, stripe.Descriptor.Encoded));
        Assert.Equal(0, cluster[0].Store.Statistics.Blobs);
        Assert.Equal(0, cluster[0].Store.Statistics.Descriptors);
    }

    [Fact]
    public async Task Each_role_may_do_its_part()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var stripe = new TestStripe(4, 1, 0);
        PeerConnection stranger = await cluster.ConnectAsync(0, null);
        await stranger.PingAsync(CancellationToken.None);
        Assert.Equal(
            ErrorKind.Unauthorized, await KindAsync(async () => await stranger.WantAsync(new[] { stripe.Id }, CancellationToken.None)));
        Assert.Equal(
            ErrorKind.Unauthorized, await KindAsync(async () => await stranger.StatusAsync(StatusQuery.Members, CancellationToken.None)));

        PeerConnection reader = await cluster.ConnectAsync(0, Role.Reader);
        Assert.Equal(ErrorKind.Unauthorized, await KindAsync(
            async () => await reader.StoreAsync(stripe.Id, stripe.Blobs[0], stripe.Descriptor.Encoded, CancellationToken.None)));

        PeerConnection writer = await cluster.ConnectAsync(0, Role.Writer);
        Assert.True(await writer.StoreAsync(stripe.Id, stripe.Blobs[0], stripe.Descriptor.Encoded, CancellationToken.None));
        Assert.Equal(
            ErrorKind.Unauthorized, await KindAsync(async () => await writer.GossipAsync("de"u8.ToArray(), CancellationToken.None)));
        Assert.Empty(await writer.StatusAsync(StatusQuery.RepairNow, CancellationToken.None));
    }

    [Fact]
    public async Task A_certificate_that_expires_during_a_session_ends_what_it_allowed()
    {
        var time = new OffsetTime();
        await using var cluster = new TestCluster { Configure = options => options with { Time = time } };
        await cluster.StartAsync(1);
        using Identity writer = TestKeys.Identity(60, "brief");
        Certificate brief = TestKeys.Certificate(writer, Role.Writer, expires: DateTimeOffset.UtcNow.AddHours(1));
        PeerConnection connection = await cluster.Pool(writer, brief).GetAsync(cluster[0].AdvertisedEndpoint, null, CancellationToken.None);
        Assert.False(Assert.Single(await connection.WantAsync(new[] { TestKeys.Stripe(1) }, CancellationToken.None)));
        time.Offset = TimeSpan.FromHours(2);
        Assert.Equal(ErrorKind.Unauthorized,
            await KindAsync(async () => await connection.WantAsync(new[] { TestKeys.Stripe(1) }, CancellationToken.None)));
    }

    [Fact]
    public async Task The_status_tells_the_members_and_the_node()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        var stripe = new TestStripe(5, 1, 2);
        await cluster.PutAsync(stripe);
        await cluster.UntilAsync(() => cluster.Running.Sum(node => node.Repair.Status.StripesHealthy) == 1, "the stripe was looked after");

        PeerConnection reader = await cluster.ConnectAsync(0, Role.Reader);
        ClusterView view = ClusterView.Decode(await reader.StatusAsync(StatusQuery.Members, CancellationToken.None));
        Assert.Equal(cluster[0].Membership.View.Members.Select(m => (m.Id, m.Endpoint, m.Domain, m.Weight, m.State)),
            view.Members.Select(m => (m.Id, m.Endpoint, m.Domain, m.Weight, m.State)));

        NodeStatus status = NodeStatus.Decode(await reader.StatusAsync(StatusQuery.Node, CancellationToken.None));
        Assert.Equal(
            (cluster[0].Id.ToString(), cluster[0].AdvertisedEndpoint, 1L << 30), (status.Id, status.Endpoint, status.CapacityBytes));
        Assert.Equal((1, 1), (status.Blobs, status.Stripes));
        Assert.True(status.UsedBytes >= 2000);
        Assert.Equal(3, status.Members.Count);
        Assert.All(status.Members, member => Assert.Equal("alive", member.State));
        Assert.Equal(ErrorKind.Unsupported,
            await KindAsync(async () => await reader.StatusAsync(new NodeQuestion("weather", default).Encode(), CancellationToken.None)));
        Assert.Equal(ErrorKind.Malformed, await KindAsync(async () => await reader.StatusAsync(new byte[] { 1 }, CancellationToken.None)));
    }

    [Fact]
    public async Task A_full_store_says_so()
    {
        await using var cluster = new TestCluster { Configure = static options => options with { CapacityBytes = 300_000 } };
        await cluster.StartAsync(1);
        PeerConnection writer = await cluster.ConnectAsync(0, Role.Writer);
        for (ulong seed = 0; ; seed++)
        {
            var stripe = new TestStripe(seed, 1, 0, 50_000);
            try
            {
                await writer.StoreAsync(stripe.Id, stripe.Blobs[0], stripe.Descriptor.Encoded, CancellationToken.None);
            }
            catch (MegatorrentException full)
            {
                Assert.Equal(ErrorKind.StoreFull, full.Kind);
                Assert.InRange(seed, 3ul, 6ul);
                break;
            }
        }
    }

    [Fact]
    public async Task A_notice_about_a_descriptor_only_store_is_harmless()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var stripe = new TestStripe(6, 4, 2);
        PeerConnection writer = await cluster.ConnectAsync(0, Role.Writer);
        Assert.True(await writer.StoreAsync(stripe.Id, ReadOnlyMemory<byte>.Empty, stripe.Descriptor.Encoded, CancellationToken.None));
        Assert.True(cluster[0].Store.ContainsDescriptor(stripe.Id));
        await writer.NoticeAsync(stripe.Id, NoticeKind.Missing, CancellationToken.None);
        await cluster.UntilAsync(
            () => cluster[0].Repair.Status.StripesUnrecoverable == 1, "a stripe of which nobody holds a blob is reported");
    }

    private static async Task<ErrorKind> KindAsync(Func<Task> action) => (await Assert.ThrowsAsync<MegatorrentException>(action)).Kind;
}
