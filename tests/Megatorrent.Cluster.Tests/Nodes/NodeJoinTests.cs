using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Nodes;

/// <summary>Invitations, from the newcomer's side of the wire.</summary>
public class NodeJoinTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [Fact]
    public async Task An_invited_node_gets_a_certificate_and_becomes_a_member()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(3);
        using Identity guest = TestKeys.Identity(50);
        JoinReply reply = await ExchangeAsync(cluster, 0, guest, Invite(Role.Node));
        reply.Certificate.Validate(TestKeys.ClusterKey, DateTimeOffset.UtcNow);
        Assert.Equal((guest.Id, Role.Node), (reply.Certificate.Subject, reply.Certificate.Role));
        Assert.Equal(3, reply.View.Validated(TestKeys.ClusterKey, DateTimeOffset.UtcNow).Members.Count);

        await cluster.AddAsync(50, cluster.Options(50, cluster[1].AdvertisedEndpoint) with { Certificate = reply.Certificate });
        await cluster.UntilAllSeeAsync(4);
    }

    [Fact]
    public async Task An_invited_reader_may_read_and_nothing_more()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        using Identity guest = TestKeys.Identity(51);
        JoinReply reply = await ExchangeAsync(cluster, 0, guest, Invite(Role.Reader));
        PeerConnection connection =
            await cluster.Pool(guest, reply.Certificate).GetAsync(cluster[0].AdvertisedEndpoint, null, CancellationToken.None);
        Assert.Single(ClusterView.Decode(await connection.StatusAsync(StatusQuery.Members, CancellationToken.None)).Members);
        await UnauthorizedAsync(async () => await connection.GossipAsync("de"u8.ToArray(), CancellationToken.None));
        await UnauthorizedAsync(async () => await connection.StatusAsync(StatusQuery.RepairNow, CancellationToken.None));
    }

    [Fact]
    public async Task An_expired_invitation_is_refused() =>
        await RefusedAsync(Invitation.Create(
            TestKeys.Cluster, null, Role.Node, Now.AddMinutes(-10), TimeSpan.FromDays(30), [], new SeededRandomSource(1)), "expired");

    [Fact]
    public async Task An_invitation_of_another_cluster_is_refused()
    {
        using SigningKey other = SigningKey.FromSeed(new byte[32]);
        await RefusedAsync(
            Invitation.Create(other, null, Role.Node, Now.AddHours(1), TimeSpan.FromDays(30), [], new SeededRandomSource(2)), "cluster");
    }

    [Fact]
    public async Task An_invitation_signed_by_a_node_is_refused()
    {
        // A node may exchange invitations, not make them: one that is signed by its key verifies under no admin's and not the cluster's.
        byte[] encoded = Invite(Role.Node).Encoded.ToArray();
        int at = encoded.AsSpan().IndexOf("1:s64:"u8) + 6;
        using Identity node = TestKeys.Identity(0);
        var signature = new byte[64];
        node.Key.Sign(encoded, signature);
        signature.CopyTo(encoded, at);
        await RefusedAsync(Invitation.Decode(encoded), "signature");
    }

    [Fact]
    public async Task An_invitation_serves_one_newcomer_who_may_ask_again()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(2);
        Invitation invitation = Invite(Role.Writer);
        using Identity guest = TestKeys.Identity(52);
        using Identity second = TestKeys.Identity(53);
        await ExchangeAsync(cluster, 0, guest, invitation);
        await ExchangeAsync(cluster, 0, guest, invitation); // the first reply might have been lost
        await UnauthorizedAsync(async () => await ExchangeAsync(cluster, 0, second, invitation));

        // The other node hears of it by gossip, and a restart does not forget it.
        await cluster.UntilAsync(() => cluster[1].Membership.KnowsAsSpent(invitation), "the news reached the other node");
        await UnauthorizedAsync(async () => await ExchangeAsync(cluster, 1, second, invitation));
        await cluster.KillAsync(0);
        await cluster.KillAsync(1);
        await cluster.AddAsync(0, cluster.Options(0));
        await UnauthorizedAsync(async () => await ExchangeAsync(cluster, 0, second, invitation));
    }

    [Fact]
    public async Task Garbage_instead_of_an_invitation_is_malformed()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        PeerConnection connection = await cluster.ConnectAsync(0, null);
        foreach (byte[] body in new[] { [], "de"u8.ToArray(), "d1:i3:abc1:vi1ee"u8.ToArray() })
        {
            MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(
                async () => await connection.JoinAsync(body, CancellationToken.None));
            Assert.Equal(ErrorKind.Malformed, refused.Kind);
        }
    }

    private static Invitation Invite(Role role) => Invitation.Create(
        TestKeys.Cluster, null, role, Now.AddHours(1), TimeSpan.FromDays(30), [], SystemRandomSource.Instance);

    private static async Task<JoinReply> ExchangeAsync(TestCluster cluster, int number, Identity guest, Invitation invitation)
    {
        PeerConnection connection =
            await cluster.Pool(guest, null).GetAsync(cluster[number].AdvertisedEndpoint, null, CancellationToken.None);
        return JoinReply.Decode(await connection.JoinAsync(new JoinRequest(invitation).Encode(), CancellationToken.None));
    }

    private static async Task RefusedAsync(Invitation invitation, string why)
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        using Identity guest = TestKeys.Identity(54);
        MegatorrentException refused = await UnauthorizedAsync(async () => await ExchangeAsync(cluster, 0, guest, invitation));
        Assert.Contains(why, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(cluster.Log.Lines, line => line.Contains("not admitted", StringComparison.Ordinal));
    }

    private static async Task<MegatorrentException> UnauthorizedAsync(Func<Task> action)
    {
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(action);
        Assert.Equal(ErrorKind.Unauthorized, refused.Kind);
        return refused;
    }
}
