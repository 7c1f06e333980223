using Megatorrent.Cluster.Gossip;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Nodes;

/// <summary>Whole nodes that find, lose and find each other again.</summary>
public class NodeMembershipTests
{
    [Fact]
    public async Task Nodes_find_each_other_over_real_sockets()
    {
        await using var cluster = new TestCluster
        {
            Transport = TcpTransport.Instance,
            Configure = static options => options with { Listen = "127.0.0.1:0" },
        };
        await cluster.StartAsync(3);
        Assert.All(cluster.Running, node => Assert.StartsWith("127.0.0.1:", node.AdvertisedEndpoint, StringComparison.Ordinal));
        Assert.All(cluster.Running, node => Assert.Equal(node.AdvertisedEndpoint, node.Domain));
        Assert.Equal(3, cluster[0].Membership.View.DomainCount);
    }

    [Fact]
    public async Task A_restarted_node_finds_the_cluster_again_without_an_entry_point()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(4);
        await cluster.KillAsync(2);
        await cluster.UntilAsync(() => cluster.Running.All(node => node.Membership.View.Living.Count == 3), "its death is known");
        NodeServer returned = await cluster.AddAsync(2, cluster.Options(2));
        await cluster.UntilAllSeeAsync(4);
        Assert.True(returned.Membership.View.Find(returned.Id)!.Record.Incarnation > 1);
    }

    [Fact]
    public async Task A_whole_cluster_that_was_stopped_finds_itself_again()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        for (int i = 0; i < 3; i++)
            await cluster.KillAsync(i);
        for (int i = 0; i < 3; i++)
            await cluster.AddAsync(i, cluster.Options(i));
        await cluster.UntilAllSeeAsync(3);
    }

    [Fact]
    public async Task A_damaged_member_file_is_put_aside_and_the_entry_point_used()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        await cluster.KillAsync(2);
        await File.WriteAllBytesAsync(Path.Combine(cluster.FolderOf(2), "members"), [1, 2, 3]);
        await cluster.AddAsync(2, cluster.Options(2, cluster[0].AdvertisedEndpoint));
        await cluster.UntilAllSeeAsync(3);
        Assert.Contains(cluster.Log.Lines, line => line.Contains("remembered members cannot be used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Joining_is_tried_until_somebody_answers()
    {
        await using var cluster = new TestCluster();
        await cluster.AddAsync(0, cluster.Options(0, TestCluster.EndpointOf(1)));
        await cluster.UntilAsync(
            () => cluster.Log.Lines.Any(line => line.Contains("could not join", StringComparison.Ordinal)), "a first attempt failed");
        await cluster.AddAsync(1, cluster.Options(1));
        await cluster.UntilAllSeeAsync(2);
    }

    [Fact]
    public async Task Two_groups_that_came_up_apart_meet_through_the_other_entry_points()
    {
        await using var cluster = new TestCluster();
        await cluster.AddAsync(0, cluster.Options(0));
        await cluster.AddAsync(1, cluster.Options(1, TestCluster.EndpointOf(0)));
        await cluster.AddAsync(2, cluster.Options(2));
        // It has joined with the first that answers, and knows nobody of the others then.
        await cluster.AddAsync(3, cluster.Options(3, TestCluster.EndpointOf(2), TestCluster.EndpointOf(9), TestCluster.EndpointOf(0)));
        await cluster.UntilAllSeeAsync(4);
    }

    [Fact]
    public async Task Malformed_gossip_is_refused_and_changes_nothing()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(2);
        ClusterView before = cluster[0].Membership.View;
        PeerConnection connection = await cluster.ConnectAsync(0, Role.Node, "intruder");
        foreach (byte[] body in new[] { [], "de"u8.ToArray(), "d1:mli1eee"u8.ToArray(), new byte[100_000] })
        {
            MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(
                async () => await connection.GossipAsync(body, CancellationToken.None));
            Assert.Equal(ErrorKind.Malformed, refused.Kind);
        }
        MegatorrentException probe = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await connection.ProbeAsync("d1:n3:abce"u8.ToArray(), CancellationToken.None));
        Assert.Equal(ErrorKind.Malformed, probe.Kind);
        Assert.Equal(before.Members.Select(m => m.Id), cluster[0].Membership.View.Members.Select(m => m.Id));
    }

    [Fact]
    public async Task A_node_that_calls_others_dead_is_refuted()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        NodeRecord victim = cluster[0].Membership.View.Find(cluster[2].Id)!.Record;
        var lie = new GossipMessage();
        lie.Entries.Add(new GossipEntry(victim, MemberState.Dead, 1_000_000));
        PeerConnection connection = await cluster.ConnectAsync(0, Role.Node, "liar");
        await connection.GossipAsync(lie.Encode(), CancellationToken.None);
        await cluster.UntilAsync(
            () => cluster.Running.All(node => node.Membership.View.Find(victim.Id) is { State: MemberState.Alive } member
                && member.Record.Incarnation > victim.Incarnation),
            "the victim refuted");
    }

    [Fact]
    public async Task A_probe_says_what_it_found_and_reaches_members_only()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(2);
        PeerConnection connection = await cluster.ConnectAsync(0, Role.Node, "prober");
        ProbeReply alive = ProbeReply.Decode(await connection.ProbeAsync(new ProbeRequest(cluster[1].Id).Encode(), CancellationToken.None));
        Assert.True(alive.Reached);
        Assert.Equal(cluster[1].Id, alive.Known!.Value.Record.Id);
        ProbeReply unknown =
            ProbeReply.Decode(await connection.ProbeAsync(new ProbeRequest(TestKeys.Record(99).Id).Encode(), CancellationToken.None));
        Assert.Equal((false, null), (unknown.Reached, unknown.Known));

        NodeId gone = cluster[1].Id;
        await cluster.KillAsync(1);
        ProbeReply dead = ProbeReply.Decode(await connection.ProbeAsync(new ProbeRequest(gone).Encode(), CancellationToken.None));
        Assert.False(dead.Reached);
    }

    [Fact]
    public async Task Options_that_cannot_work_are_refused_before_anything_is_opened()
    {
        await using var cluster = new TestCluster();
        NodeOptions good = cluster.Options(0);
        using Identity other = TestKeys.Identity(7);
        await RefusedAsync(good with { Certificate = TestKeys.Certificate(other) }, ErrorKind.InvalidArgument);
        await RefusedAsync(good with { Certificate = TestKeys.Certificate(good.Identity, Role.Writer) }, ErrorKind.Unauthorized);
        await RefusedAsync(good with { Certificate = TestKeys.Certificate(good.Identity, expires: DateTimeOffset.UtcNow.AddHours(-1)) },
            ErrorKind.Unauthorized);
        await RefusedAsync(good with { ClusterKey = new byte[32] }, ErrorKind.Unauthorized);
        await RefusedAsync(good with { CapacityBytes = 0 }, ErrorKind.InvalidArgument);
        await RefusedAsync(good with { Domain = "two words" }, ErrorKind.InvalidArgument);
        await RefusedAsync(good with { Listen = "0.0.0.0:5000" }, ErrorKind.InvalidArgument);
        await RefusedAsync(good with { Advertise = "nowhere" }, ErrorKind.InvalidArgument);

        NodeServer node =
            await cluster.AddAsync(0, good with { Listen = "0.0.0.0:5000", Advertise = "node.example:5000" }); // and all was let go
        Assert.Equal("node.example:5000", node.AdvertisedEndpoint);
    }

    private static async Task RefusedAsync(NodeOptions options, ErrorKind kind)
    {
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(async () =>
        {
            NodeServer node = await NodeServer.StartAsync(options, CancellationToken.None);
            await node.DisposeAsync();
        });
        Assert.Equal(kind, refused.Kind);
    }
}
