using System.Diagnostics;
using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>Whole nodes that keep, forget and collect.</summary>
public sealed class NodeLeaseTests
{
    private static readonly Identity Alice = TestKeys.Identity(1, "owner");
    private static readonly Identity Bob = TestKeys.Identity(2, "owner");

    private long _sequence;

    [Fact]
    public async Task What_is_forgotten_is_collected_everywhere_and_repair_leaves_it_alone()
    {
        await using TestCluster cluster = await StartAsync(4);
        TestStripe stripe = new(1, 2, 1), other = new(2, 2, 1);
        await cluster.PutAsync(stripe, other);
        await TellAsync(cluster, Alice, stripe, isKeep: true);
        await TellAsync(cluster, Alice, other, isKeep: true);
        Assert.Equal(0, await CollectAllAsync(cluster));

        await TellAsync(cluster, Alice, stripe, isKeep: false);
        await UntilCollectedAsync(cluster, stripe);
        foreach (NodeServer node in cluster.Running)
        {
            node.Repair.RepairNow();
            await node.Leases.CollectAsync(CancellationToken.None);
        }
        Assert.All(stripe.Descriptor.Ids.ToArray(), id => Assert.Empty(cluster.HoldersOf(id)));
        Assert.True(cluster.IsWhole(other));
        Assert.True(cluster.Running.Sum(node => node.Status.Services["leases"]["collected-stripes"]) > 0);
    }

    [Fact]
    public async Task What_a_node_has_collected_and_others_not_yet_does_not_come_back_to_it_to_stay()
    {
        await using TestCluster cluster = await StartAsync(3, static (options, node) => options with { SafetyMs = node == 0 ? 100 : 3_600_000 });
        var stripe = new TestStripe(6, 2, 1);
        await cluster.PutAsync(stripe);
        await TellAsync(cluster, Alice, stripe, isKeep: true);
        await TellAsync(cluster, Alice, stripe, isKeep: false);
        await UntilAsync(
            async () => await cluster[0].Leases.CollectAsync(CancellationToken.None) is { Stripes: 1 } && !cluster[0].Store.ContainsDescriptor(stripe.Id),
            "the first node collects it");

        await cluster.KillAsync(0); // and so forgets what it has collected
        await cluster.UntilAllSeeAsync(2);
        await cluster.AddAsync(0);
        await cluster.UntilAllSeeAsync(3);
        cluster[0].Repair.Differ([stripe.Id]); // as a node tells it that does not know that it has ended
        await cluster.UntilAsync(() => cluster[0].Store.ContainsDescriptor(stripe.Id), "it comes back");
        await cluster.UntilAsync(() => cluster[0].Leases.Table.StateOf(stripe.Id, isHere: true) == StripeState.Ended, "with its leases");
        Assert.Equal(2, stripe.Descriptor.Ids.ToArray().Count(id => cluster.HoldersOf(id).Length > 0)); // and is not made whole
        await UntilAsync(
            async () => await cluster[0].Leases.CollectAsync(CancellationToken.None) is { Stripes: 1 } && !cluster[0].Store.ContainsDescriptor(stripe.Id),
            "the first node collects it again");
    }

    [Fact]
    public async Task A_stripe_stays_while_another_owner_keeps_it()
    {
        await using TestCluster cluster = await StartAsync(3);
        var stripe = new TestStripe(3, 2, 1);
        await cluster.PutAsync(stripe);
        await TellAsync(cluster, Alice, stripe, isKeep: true);
        await TellAsync(cluster, Bob, stripe, isKeep: true);
        await TellAsync(cluster, Alice, stripe, isKeep: false);
        await Task.WhenAll(cluster.Running.Select(node => node.Leases.ExchangeAsync(withAll: true, CancellationToken.None).AsTask()));
        Assert.All(cluster.Running, node => Assert.NotEqual(StripeState.Ended, node.Leases.Table.StateOf(stripe.Id, isHere: true)));
        Assert.Equal(0, await CollectAllAsync(cluster));
        await TellAsync(cluster, Bob, stripe, isKeep: false);
        await UntilCollectedAsync(cluster, stripe);
    }

    [Fact]
    public async Task A_holder_that_was_down_learns_of_a_lease_and_of_its_end_and_is_waited_for()
    {
        await using TestCluster cluster = await StartAsync(3);
        var stripe = new TestStripe(4, 2, 1);
        await cluster.PutAsync(stripe);
        await cluster.KillAsync(2);
        await cluster.UntilAllSeeAsync(2);
        await TellAsync(cluster, Alice, stripe, isKeep: true);
        await cluster.AddAsync(2);
        await cluster.UntilAllSeeAsync(3);
        await cluster.UntilAsync(
            () => cluster[2].Leases.Table.StateOf(stripe.Id, isHere: true) == StripeState.Kept, "the holder that was down learns of the lease");

        await cluster.KillAsync(2);
        await cluster.UntilAllSeeAsync(2);
        await TellAsync(cluster, Alice, stripe, isKeep: false);
        await UntilAsync(
            async () => await cluster[0].Leases.CollectAsync(CancellationToken.None) is { Census.Due: > 0, Halt: not null },
            "due, but a dead member is waited for");
        Assert.Equal(2, stripe.Descriptor.Ids.ToArray().Count(id => cluster.HoldersOf(id).Length > 0));
        await cluster.AddAsync(2);
        await cluster.UntilAllSeeAsync(3);
        await UntilCollectedAsync(cluster, stripe);
    }

    [Fact]
    public async Task What_has_no_lease_is_kept_unless_the_node_is_told_otherwise()
    {
        var stripe = new TestStripe(5, 2, 1);
        await using (TestCluster cluster = await StartAsync(3))
        {
            await cluster.PutAsync(stripe);
            Assert.Equal(0, await CollectAllAsync(cluster));
            Assert.True(cluster.IsWhole(stripe));
            Assert.All(cluster.Running, node => Assert.Equal(1, node.Status.Services["leases"]["orphans"]));
        }
        await using TestCluster eager = await StartAsync(3, static (options, _) => options with { CollectOrphans = true, OrphanMs = 100 });
        await eager.PutAsync(stripe);
        await UntilCollectedAsync(eager, stripe);
    }

    [Fact]
    public async Task Nobody_ends_the_lease_of_another_and_no_reader_makes_one()
    {
        await using TestCluster cluster = await StartAsync(1);
        PeerConnection bob = await ConnectAsync(cluster, Bob, cluster[0], Role.Writer);
        LeaseStatement word = Word(Alice, TestKeys.Stripe(1), isKeep: false);
        byte[] request = new LeaseRequest(word, TestKeys.Certificate(Alice, Role.Writer), []).Encode();
        var refused = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await bob.StatusAsync(new NodeQuestion(LeaseRequest.ForgetName, request).Encode(), CancellationToken.None));
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);

        PeerConnection reader = await ConnectAsync(cluster, Alice, cluster[0], Role.Reader);
        refused = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await reader.StatusAsync(new NodeQuestion(LeaseRequest.ForgetName, request).Encode(), CancellationToken.None));
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);
    }

    private static async Task<TestCluster> StartAsync(int count, Func<LeaseOptions, int, LeaseOptions>? configure = null) => await new TestCluster
    {
        Configure = options => options with
        {
            Leases = (configure ?? (static (same, _) => same))(
                new LeaseOptions { SafetyMs = 100, ClockSkewMs = 2000 },
                Enumerable.Range(0, count).First(number => TestCluster.EndpointOf(number) == options.Listen)),
        },
    }.StartAsync(count);

    private static async Task<int> CollectAllAsync(TestCluster cluster)
    {
        int stripes = 0;
        foreach (NodeServer node in cluster.Running)
            stripes += (await node.Leases.CollectAsync(CancellationToken.None)).Stripes;
        return stripes;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(50)); // the safety period is real time
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
                Assert.Fail($"Not within 60 s: {what}");
            await looks.WaitForNextTickAsync();
        }
    }

    private static Task UntilCollectedAsync(TestCluster cluster, TestStripe stripe) => UntilAsync(
        async () =>
        {
            await CollectAllAsync(cluster);
            return stripe.Descriptor.Ids.ToArray().All(id => cluster.HoldersOf(id).Length == 0)
                && cluster.Running.All(node => !node.Store.ContainsDescriptor(stripe.Id));
        },
        "the stripe is collected");

    private static async Task<PeerConnection> ConnectAsync(TestCluster cluster, Identity owner, NodeServer node, Role role) =>
        await cluster.Pool(owner, TestKeys.Certificate(owner, role)).GetAsync(node.AdvertisedEndpoint, node.Id, CancellationToken.None);

    private LeaseStatement Word(Identity owner, BlobId stripe, bool isKeep)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return LeaseStatement.Create(owner, TestKeys.ClusterKey, stripe, ++_sequence, isKeep ? LeaseStatement.Never : now, now);
    }

    private async Task TellAsync(TestCluster cluster, Identity owner, TestStripe stripe, bool isKeep)
    {
        byte[] request = new LeaseRequest(
            Word(owner, stripe.Id, isKeep), TestKeys.Certificate(owner, Role.Writer), [stripe.Id]).Encode();
        var question = new NodeQuestion(isKeep ? LeaseRequest.KeepName : LeaseRequest.ForgetName, request);
        foreach (NodeServer node in cluster.Running)
        {
            PeerConnection connection = await ConnectAsync(cluster, owner, node, Role.Writer);
            LeaseAnswer.Decode(await connection.StatusAsync(question.Encode(), CancellationToken.None), 1);
        }
    }
}
