using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Entropy;
using Megatorrent.Cluster.Leases;
using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>What a hostile member asks of others, with the certificate of a node. Refusals are what it should get.</summary>
internal sealed class HostilePeer(Victims victims, ConnectionPool pool, Identity identity)
{
    private readonly SeededRandomSource _random = new(815);

    /// <summary>Refusals that it was given.</summary>
    public int Refused { get; private set; }

    /// <summary>Does one kind of harm to every honest node.</summary>
    public async Task AttackAsync(Attack attack)
    {
        foreach (NodeServer node in victims.Honest)
            await AttackAsync(attack, node);
    }

    private Task AttackAsync(Attack attack, NodeServer node) => attack switch
    {
        Attack.WrongStores => WrongStoresAsync(node),
        Attack.FalseNotices => FalseNoticesAsync(node),
        Attack.AbsurdGets => AbsurdGetsAsync(node),
        Attack.ForgedDeaths => TryAsync(node, peer => peer.GossipAsync(Forgery.Deaths(identity, node.Membership.View.Members).Encode(), default).AsTask()),
        Attack.ForgedMoves => TryAsync(node, peer => peer.GossipAsync(Forgery.Moves(identity, node.Membership.View.Members).Encode(), default).AsTask()),
        Attack.Sybils => TryAsync(node, peer => peer.GossipAsync(Forgery.Sybils(identity, node.Membership.View.Members).Encode(), default).AsTask()),
        Attack.ReplayedGossip => ReplayedGossipAsync(node),
        Attack.SurplusLies => SurplusLiesAsync(node),
        Attack.LeasesOfOthers => LeasesOfOthersAsync(node),
        Attack.FalseAccusations => FalseAccusationsAsync(node),
        Attack.BadOpinions => BadOpinionsAsync(node),
        Attack.LayoutWithoutRight => TryAsync(node, peer => peer.StatusAsync(new NodeQuestion("layout-set", Noise(100)).Encode(), default).AsTask()),
        Attack.NoiseEverywhere => NoiseEverywhereAsync(node),
        Attack.Floods => FloodsAsync(node),
        _ => IdleConnectionsAsync(node),
    };

    private async Task WrongStoresAsync(NodeServer node)
    {
        TestStripe mine = new(31, 4, 2), other = new(32, 4, 2);
        byte[] wrong = [.. mine.Blobs[0]];
        wrong[7] ^= 1;
        await TryAsync(node, peer => peer.StoreAsync(mine.Descriptor.Ids[0], wrong, mine.Descriptor.Encoded, default).AsTask());
        await TryAsync(node, peer => peer.StoreAsync(mine.Descriptor.Ids[0], mine.Blobs[0], other.Descriptor.Encoded, default).AsTask());
        await TryAsync(node, peer => peer.StoreAsync(mine.Descriptor.Ids[0], mine.Blobs[0].AsMemory(1), mine.Descriptor.Encoded, default).AsTask());
        await TryAsync(node, peer => peer.StoreAsync(mine.Descriptor.Ids[0], mine.Blobs[0], Noise(200), default).AsTask());
        await TryAsync(node, peer => peer.StoreAsync(mine.Descriptor.Ids[0], mine.Blobs[0], default, default).AsTask());
        for (int i = 0; i < 20; i++) // and a replay of what is right
            await TryAsync(node, peer => peer.StoreAsync(mine.Descriptor.Ids[1], mine.Blobs[1], mine.Descriptor.Encoded, default).AsTask());
    }

    private async Task FalseNoticesAsync(NodeServer node)
    {
        foreach (BlobId id in node.Store.Blobs)
        {
            await TryAsync(node, async peer => await peer.NoticeAsync(id, NoticeKind.Corrupt, default));
            await TryAsync(node, async peer => await peer.NoticeAsync(id, NoticeKind.Missing, default));
        }
    }

    private async Task AbsurdGetsAsync(NodeServer node)
    {
        BlobId id = node.Store.Blobs[0];
        byte[] room = new byte[1 << 20];
        foreach (var (offset, length) in ((long, int)[])[(long.MaxValue, 1), (1 << 30, 1), (0, 1 << 20), (1, 1 << 20), (5000, 0)])
            await TryAsync(node, async peer => await peer.GetAsync(id, offset, room.AsMemory(0, length), default));
        await TryAsync(node, async peer => await peer.GetAsync(TestKeys.Stripe(99), 0, room, default));
    }

    private async Task ReplayedGossipAsync(NodeServer node)
    {
        var message = new Gossip.GossipMessage();
        message.Entries.AddRange(node.Membership.View.Members.Select(
            member => new Gossip.GossipEntry(member.Record, MemberState.Suspect, 1000)));
        byte[] body = message.Encode();
        for (int i = 0; i < 50; i++)
            await TryAsync(node, peer => peer.GossipAsync(body, default).AsTask());
    }

    // That others have what the node has, so that it deletes it.
    private async Task SurplusLiesAsync(NodeServer node)
    {
        BlobId[] stripes = [.. victims.Stripes.Select(stripe => stripe.Id)];
        await AskAsync(node, SurplusMessages.HintName, SurplusMessages.EncodeHint(stripes));
        foreach (BlobId blob in node.Store.Blobs)
            await AskAsync(node, SurplusMessages.ConfirmName, SurplusMessages.EncodeConfirm(stripes[0], blob, Noise(SurplusMessages.NonceLength)));
    }

    private async Task LeasesOfOthersAsync(NodeServer node)
    {
        Identity owner = TestKeys.Identity(5, "owner");
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        foreach (TestStripe stripe in victims.Stripes)
        {
            byte[] signed = LeaseStatement.Create(owner, TestKeys.ClusterKey, stripe.Id, 1, LeaseStatement.Never, now).Encode();
            signed[^20] ^= 1;
            await TryAsync(node, async peer =>
            {
                LeaseStatement forged = LeaseStatement.Decode(signed);
                await peer.StatusAsync(Question(LeaseRequest.ForgetName, forged, owner, stripe), default);
            });
            // Its own word about what it never kept ends nobody's lease.
            LeaseStatement own = LeaseStatement.Create(identity, TestKeys.ClusterKey, stripe.Id, 1, now, now);
            await TryAsync(node, peer => peer.StatusAsync(Question(LeaseRequest.ForgetName, own, identity, stripe), default).AsTask());
            var gift = new LeaseGift([stripe.Id], new LeaseReport([new LeaseReport.Entry(own, Noise(100), [0])], 1, 0));
            await AskAsync(node, LeaseGift.QuestionName, gift.Encode());
        }
    }

    private async Task FalseAccusationsAsync(NodeServer node)
    {
        foreach (NodeServer accused in victims.Honest.Where(other => other.Id != node.Id))
        {
            (AuditProof, BlobId)[] evidence =
            [
                .. victims.Stripes.Take(2).Select(stripe => (AuditProof.Sign(
                    identity.Key, identity.Id, AuditChallenge.Whole(stripe.Descriptor.Ids[0], stripe.Descriptor.LengthOf(0), _random), Noise(32)), stripe.Id)),
            ];
            await AskAsync(node, "audit-accuse", Accusation.Sign(identity.Key, accused.Id, evidence).Encoded);
        }
    }

    private Task BadOpinionsAsync(NodeServer node) => AskAsync(node, ReputationService.ExchangeName, OpinionExchange.Encode(
        [Opinion.Create(identity, 1_000_000, victims.Honest.Select(other => new Opinion.Entry(other.Id, 0, 1)))]));

    private async Task NoiseEverywhereAsync(NodeServer node)
    {
        string[] names =
        [
            "members", "node", "repair-now", "digest", "range", "layout", "layout-set", "surplus", "confirm", "opinions", "scores", "traffic",
            "forecast-risk", "audit-prove", "audit-accuse", "audit-accusations", "audit-history", "evidence", "lease-state", "leases", "lease-give",
            "keep", "forget", "no-such-question",
        ];
        foreach (string name in names)
        {
            foreach (int length in (int[])[0, 1, 40, 5000, NodeQuestion.MaxBodyLength])
                await AskAsync(node, name, Noise(length));
        }
        foreach (int length in (int[])[0, 1, 40, 5000, 256 << 10])
        {
            await TryAsync(node, peer => peer.GossipAsync(Noise(length), default).AsTask());
            await TryAsync(node, peer => peer.ProbeAsync(Noise(length), default).AsTask());
            await TryAsync(node, peer => peer.JoinAsync(Noise(length), default).AsTask());
            await TryAsync(node, peer => peer.StatusAsync(Noise(length), default).AsTask());
        }
        await AskAsync(node, EntropyMessages.DigestName, EntropyMessages.EncodeQuestion(Noise(32), EntropyMessages.MaxBits, []));
    }

    private async Task FloodsAsync(NodeServer node)
    {
        BlobId[] ids = new BlobId[8192];
        ids.AsSpan().Fill(node.Store.Blobs[0]);
        byte[] room = new byte[1000];
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => TryAsync(node, async peer =>
        {
            if (i % 3 == 0)
                await peer.WantAsync(ids, default);
            else if (i % 3 == 1)
                await peer.FindAsync(ids.AsMemory(0, 64), default);
            else
                await peer.GetAsync(ids[0], 0, room, default);
        })));
    }

    // More than a server takes from strangers, each of which sends nothing, or half a handshake.
    private async Task IdleConnectionsAsync(NodeServer node)
    {
        var open = new List<ITransportConnection>();
        for (int i = 0; i < 200; i++)
        {
            try
            {
                ITransportConnection connection = await victims.Cluster.Transport.ConnectAsync(node.AdvertisedEndpoint, default);
                open.Add(connection);
                if (i % 2 == 0)
                    await connection.WriteAsync((byte[])[.. "MTWIRE"u8, 1, 1, 0, 48, .. Noise(20)], default);
            }
            catch (MegatorrentException)
            {
                Refused++;
            }
        }
        foreach (ITransportConnection connection in open)
            await connection.DisposeAsync();
    }

    private static byte[] Question(string name, LeaseStatement statement, Identity owner, TestStripe stripe) =>
        new NodeQuestion(name, new LeaseRequest(statement, TestKeys.Certificate(owner, Role.Writer), [stripe.Id]).Encode()).Encode();

    private Task AskAsync(NodeServer node, string name, byte[] body) =>
        TryAsync(node, peer => peer.StatusAsync(new NodeQuestion(name, body).Encode(), default).AsTask());

    private async Task TryAsync(NodeServer node, Func<PeerConnection, Task> harm)
    {
        try
        {
            await harm(await pool.GetAsync(node.AdvertisedEndpoint, node.Id, default));
        }
        catch (MegatorrentException)
        {
            Refused++;
        }
    }

    private byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        _random.Fill(noise);
        return noise;
    }
}
