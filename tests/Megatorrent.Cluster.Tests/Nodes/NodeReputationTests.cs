using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Cluster.Traffic;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Nodes;

/// <summary>Scores and traffic analysis in running nodes.</summary>
public class NodeReputationTests
{
    [Fact]
    public async Task Nodes_exchange_opinions_and_show_scores_and_remember()
    {
        await using TestCluster cluster = await Cluster().StartAsync(3);
        await cluster.UntilAsync(
            () => cluster.Running.All(node => node.Status.Services["reputation"] is var numbers && numbers["opinions"] == 2 && numbers["known"] == 2),
            "everybody has heard both others");
        Assert.All(cluster.Running, node => Assert.Equal(2, node.Status.Services["reputation"].Keys.Count(name => name.StartsWith("score-", StringComparison.Ordinal))));
        Assert.All(cluster.Running, node => Assert.Equal(0, node.Status.Services["traffic"]["flagged"]));

        PeerConnection reader = await cluster.ConnectAsync(0, Role.Reader);
        byte[] scores = await reader.StatusAsync(new NodeQuestion("scores", default).Encode(), CancellationToken.None);
        Assert.Contains(cluster[1].Id.ToString(), System.Text.Encoding.ASCII.GetString(scores));
        byte[] traffic = await reader.StatusAsync(new NodeQuestion("traffic", default).Encode(), CancellationToken.None);
        Assert.Equal("d1:ple1:vi1ee", System.Text.Encoding.ASCII.GetString(traffic));
        var refused = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await reader.StatusAsync(new NodeQuestion("opinions", OpinionExchange.Encode([])).Encode(), CancellationToken.None));
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);

        await cluster.KillAsync(2);
        Assert.Equal(2, ReputationFile.Decode(await File.ReadAllBytesAsync(Path.Combine(cluster.FolderOf(2), "reputation"))).Records.Count);
    }

    [Fact]
    public async Task An_unreadable_file_is_a_line_in_the_log()
    {
        await using TestCluster cluster = Cluster();
        Directory.CreateDirectory(cluster.FolderOf(0));
        await File.WriteAllTextAsync(Path.Combine(cluster.FolderOf(0), "reputation"), "no bencode");
        await cluster.AddAsync(0);
        Assert.Contains(cluster.Log.Lines, static line => line.Contains("the remembered reputation cannot be used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Repair_tells_what_members_do_with_blobs()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var stripe = new TestStripe(1, 1, 0);
        await cluster.PutAsync(stripe);
        var seen = new List<PeerEvidence>();
        var peers = new PoolRepairPeers(cluster.Pool(Role.Node, "repair"), new Witness(seen));
        Member member = cluster[0].Membership.View.Living[0];
        await peers.GetAsync(member, stripe.Id, new byte[stripe.Blobs[0].Length], CancellationToken.None);
        await Assert.ThrowsAsync<MegatorrentException>(
            async () => await peers.GetAsync(member, TestKeys.Stripe(5), new byte[10], CancellationToken.None));
        await peers.NoticeAsync(member, stripe.Id, NoticeKind.Missing, CancellationToken.None);
        await peers.NoticeAsync(member, stripe.Id, NoticeKind.Corrupt, CancellationToken.None);
        Assert.Equal([PeerEvidence.Correct, PeerEvidence.Withheld, PeerEvidence.Wrong], seen);
    }

    [Fact]
    public async Task A_peer_that_looks_for_what_is_not_here_is_slowed_and_its_gossip_is_not()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var time = new ManualTime();
        var monitor = new TrafficMonitor(new TrafficOptions(), time);
        IPeerHandler handler = new WatchedHandler(cluster[0], monitor, time);
        using Identity identity = TestKeys.Identity(9);
        var peer = new PeerIdentity(identity.PublicKey.ToArray(), TestKeys.Certificate(identity));
        for (int interval = 0; interval < 3; interval++)
        {
            for (int i = 0; i < 100; i++)
            {
                var missing = await Assert.ThrowsAsync<MegatorrentException>(
                    async () => await handler.GetAsync(peer, TestKeys.Stripe(i), 0, 10, CancellationToken.None));
                Assert.Equal(ErrorKind.NotFound, missing.Kind);
            }
            time.Advance(TimeSpan.FromSeconds(10));
            monitor.Close();
        }
        Assert.Equal(Feature.NotFounds, Assert.Single(monitor.Current).Feature);
        var waiting = new List<Task>();
        MegatorrentException? slowed = null;
        for (int i = 0; i < 1000 && slowed is null; i++)
        {
            Task turn = handler.AdmitAsync(peer, MessageType.Want, CancellationToken.None).AsTask();
            slowed = turn.Exception?.InnerException as MegatorrentException;
            if (!turn.IsCompleted)
                waiting.Add(turn);
        }
        Assert.Equal(ErrorKind.LimitExceeded, slowed?.Kind);
        Assert.Equal(250, waiting.Count); // 50 a second, for five seconds
        time.Advance(TimeSpan.FromSeconds(5));
        await Task.WhenAll(waiting);
        for (int i = 0; i < 200; i++)
            Assert.NotEmpty(await handler.GossipAsync(peer, new Gossip.GossipMessage().Encode(), CancellationToken.None));
    }

    [Fact]
    public async Task Questions_that_are_refused_at_once_count_as_refused()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        var time = new ManualTime();
        var monitor = new TrafficMonitor(new TrafficOptions(), time);
        IPeerHandler handler = new WatchedHandler(cluster[0], monitor, time);
        using Identity identity = TestKeys.Identity(9);
        var peer = new PeerIdentity(identity.PublicKey.ToArray(), TestKeys.Certificate(identity));
        byte[] question = new NodeQuestion("weather", default).Encode();
        for (int interval = 0; interval < 3; interval++)
        {
            for (int i = 0; i < 100; i++)
            {
                var refused = await Assert.ThrowsAsync<MegatorrentException>(
                    async () => await handler.StatusAsync(peer, question, CancellationToken.None));
                Assert.Equal(ErrorKind.Unsupported, refused.Kind);
            }
            time.Advance(TimeSpan.FromSeconds(10));
            monitor.Close();
        }
        Assert.Equal(Feature.Refusals, Assert.Single(monitor.Current).Feature);
    }

    private static TestCluster Cluster() => new()
    {
        Configure = static options => options with { Reputation = new ReputationOptions { SamplePeriodMs = 20, SharePeriodMs = 60 } },
    };

    private sealed class Witness(List<PeerEvidence> seen) : IPeerEvidence
    {
        public void Observed(NodeId member, PeerEvidence evidence) => seen.Add(evidence);
    }
}
