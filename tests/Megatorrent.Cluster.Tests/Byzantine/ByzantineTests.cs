using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>A member with a valid certificate lies in every kind of message; what the honest ones lose: nothing.</summary>
public sealed class ByzantineTests
{
    public static TheoryData<AnswerLie> Lies => [.. Enum.GetValues<AnswerLie>()];

    public static TheoryData<Attack> Attacks => [.. Enum.GetValues<Attack>()];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Whatever_a_member_answers_a_loss_is_mended_and_a_node_comes_back(AnswerLie lie)
    {
        await using Victims victims = await Victims.StartAsync();
        TestCluster cluster = victims.Cluster;
        victims.Handler.Lie = lie;

        // A blob of a stripe that the liar has a part of.
        TestStripe stripe = victims.Stripes.First(one => one.Blobs.Length == 6 && one.Descriptor.Ids.ToArray().Any(cluster[Victims.Hostile].Store.Contains));
        int loser = Enumerable.Range(0, Victims.Hostile).First(number => stripe.Descriptor.Ids.ToArray().Any(cluster[number].Store.Contains));
        BlobId lost = stripe.Descriptor.Ids[cluster.IndexOn(loser, stripe)];
        await cluster[loser].Store.DeleteAsync(lost);
        PeerConnection reader = await cluster.ConnectAsync(loser, Role.Reader);
        await reader.NoticeAsync(lost, NoticeKind.Missing, CancellationToken.None);
        await cluster.UntilAsync(() => cluster[loser].Store.Contains(lost), "the lost blob is back where it was");

        int away = (loser + 1) % Victims.Hostile;
        await cluster.KillAsync(away);
        await cluster.AddAsync(away, cluster.Options(away, cluster[loser].AdvertisedEndpoint));
        await victims.AssertUnharmedAsync();
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Whatever_a_member_asks_nothing_is_lost(Attack attack)
    {
        await using Victims victims = await Victims.StartAsync();
        Identity identity = TestKeys.Identity(Victims.Hostile);
        var peer = new HostilePeer(victims, victims.Cluster.Pool(identity, TestKeys.Certificate(identity)), identity);
        await peer.AttackAsync(attack);
        await victims.AssertUnharmedAsync();
        if (attack is Attack.WrongStores or Attack.AbsurdGets or Attack.LeasesOfOthers or Attack.LayoutWithoutRight or Attack.NoiseEverywhere)
            Assert.NotEqual(0, peer.Refused);
    }
}
