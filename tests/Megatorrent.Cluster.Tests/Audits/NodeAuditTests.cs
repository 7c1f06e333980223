using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>Whole nodes that audit each other, one of them a liar, a loser, or silent.</summary>
public class NodeAuditTests
{
    private const int Liar = 5;

    private LyingHandler? _liar;

    [Fact]
    public async Task Honest_nodes_pass_and_the_history_is_kept()
    {
        await using TestCluster cluster = await StartAsync(6);
        TestStripe[] stripes = await PutAsync(cluster, 1);
        var replicated = new TestStripe(90, 1, 2);
        await cluster.PutAsync(replicated);
        for (int round = 0; round < 12; round++)
        {
            foreach (NodeServer other in cluster.Running.Skip(1))
                Assert.Equal(AuditOutcome.Ok, (await AuditAsync(cluster, 0, other.Id))!.Value.Outcome);
        }
        Assert.Equal(60, cluster[0].Status.Services["audit"]["audits-ok"]);
        byte[] before = cluster[0].Audit.History.EncodeOne(cluster[1].Id)!;
        await cluster.KillAsync(0);
        NodeServer again = await cluster.AddAsync(0);
        Assert.Equal(before, again.Audit.History.EncodeOne(cluster[1].Id));
        PeerConnection reader = await cluster.ConnectAsync(0, Role.Reader);
        byte[] question = [.. "d1:n32:"u8, .. cluster[1].Id.ToArray(), (byte)'e'];
        Assert.Equal(before, await reader.StatusAsync(new NodeQuestion("audit-history", question).Encode(), CancellationToken.None));
        Assert.All(cluster.Running, node => Assert.Equal(0, node.Status.Services["audit"]["members-suspended"]));
    }

    [Fact]
    public async Task A_replica_is_audited_by_a_challenge_and_no_blob_travels()
    {
        await using TestCluster cluster = await StartAsync(3);
        await cluster.PutAsync(new TestStripe(91, 1, 2));
        AuditResult result = (await AuditAsync(cluster, 0, cluster[1].Id))!.Value;
        Assert.Equal((AuditKind.Copy, AuditOutcome.Ok), (result.Kind, result.Outcome));
        Assert.Equal(0, cluster[0].Status.Services["audit"]["fetched-bytes"]);
    }

    [Fact]
    public async Task A_member_that_signs_wrong_answers_is_expelled_by_everyone_and_its_blobs_are_rebuilt()
    {
        await using TestCluster cluster = await StartAsync(6);
        TestStripe[] stripes = await PutAsync(cluster, 100);
        await cluster.UntilSettledAsync();
        NodeId liar = cluster[Liar].Id;
        _liar!.SignsWrong = true;
        _liar.Lies = id => cluster[Liar].Store.Contains(id);

        AuditResult result = (await AuditAsync(cluster, 0, liar))!.Value;
        Assert.Equal((AuditKind.Fetch, AuditOutcome.Wrong), (result.Kind, result.Outcome));
        Assert.Equal(AuditStanding.Expelled, cluster[0].Audit.StandingOf(liar));
        NodeServer[] honest = [.. cluster.Running.Where(node => node.Id != liar)];
        await cluster.UntilAsync(
            () => honest.All(node => node.Audit.StandingOf(liar) == AuditStanding.Expelled), "everyone has judged for itself and expelled the liar");
        await cluster.UntilAsync(
            () => stripes.All(stripe => stripe.Descriptor.Ids.ToArray().All(id => honest.Any(node => node.Store.Contains(id)))),
            "what the liar held is on the others");
        Assert.True(cluster[0].Audit.ForClients(cluster[0].Membership.View).Find(liar)!.IsSuspended);
        Assert.Null(cluster[0].Audit.ForRepair(cluster[0].Membership.View).Find(liar));

        // A node that was away learns of it, and one that restarts remembers.
        await cluster.KillAsync(2);
        Assert.Equal(AuditStanding.Expelled, (await cluster.AddAsync(2)).Audit.StandingOf(liar));
        await cluster.AddAsync(7);
        await cluster.UntilAsync(() => cluster[7].Audit.StandingOf(liar) == AuditStanding.Expelled, "a newcomer has judged too");
    }

    [Fact]
    public async Task A_replica_that_signs_wrong_answers_is_found_by_the_others_copies()
    {
        await using TestCluster cluster = await StartAsync(6);
        for (ulong i = 0; i < 12; i++)
            await cluster.PutAsync(new TestStripe(700 + i, 1, 2));
        NodeId liar = cluster[Liar].Id;
        _liar!.SignsWrong = true;
        _liar.Lies = id => cluster[Liar].Store.Contains(id);
        int auditor = Enumerable.Range(0, 5).First(
            number => cluster[number].Store.Blobs.Count(cluster[Liar].Store.Contains) >= 2);
        Assert.Equal(AuditOutcome.Wrong, (await AuditAsync(cluster, auditor, liar))!.Value.Outcome);
        Assert.Equal(AuditStanding.Expelled, cluster[auditor].Audit.StandingOf(liar));
    }

    [Fact]
    public async Task A_disk_that_rotted_is_no_lie()
    {
        await using TestCluster cluster = await StartAsync(6);
        var stripe = new TestStripe(200, 4, 2);
        await cluster.PutAsync(stripe);
        BlobId bad = stripe.Descriptor.Ids[1];
        int holder = Assert.Single(cluster.HoldersOf(bad));
        int auditor = (holder + 1) % 6;
        Disk.Damage(cluster.FolderOf(holder), stripe.Blobs[1]);

        AuditResult result = (await AuditAsync(cluster, auditor, cluster[holder].Id))!.Value;
        Assert.Equal((bad, AuditOutcome.Missing), (result.Blob, result.Outcome));
        Assert.Equal(AuditStanding.Good, cluster[auditor].Audit.StandingOf(cluster[holder].Id));
        await cluster.UntilAsync(() => cluster.IsWhole(stripe), "the blob is back");
        Assert.Equal(AuditOutcome.Ok, (await AuditAsync(cluster, auditor, cluster[cluster.HoldersOf(bad)[0]].Id))!.Value.Outcome);
    }

    [Fact]
    public async Task A_holder_never_signs_for_a_blob_that_is_damaged()
    {
        await using TestCluster cluster = await StartAsync(3);
        var stripe = new TestStripe(201, 1, 2);
        await cluster.PutAsync(stripe);
        Disk.Damage(cluster.FolderOf(1), stripe.Blobs[0]);
        Assert.Equal(AuditOutcome.Missing, (await AuditAsync(cluster, 0, cluster[1].Id))!.Value.Outcome);
        Assert.Equal(AuditStanding.Good, cluster[0].Audit.StandingOf(cluster[1].Id));
    }

    [Fact]
    public async Task Claiming_what_is_gone_suspends_and_does_not_expel()
    {
        await using TestCluster cluster = await StartAsync(6);
        await PutAsync(cluster, 300);
        NodeId liar = cluster[Liar].Id;
        _liar!.Lies = id => cluster[Liar].Store.Contains(id);
        Assert.Equal(AuditOutcome.Wrong, (await AuditAsync(cluster, 1, liar))!.Value.Outcome);
        Assert.Equal(AuditStanding.Suspended, cluster[1].Audit.StandingOf(liar));
        Assert.Equal(AuditStanding.Good, cluster[2].Audit.StandingOf(liar)); // nothing proves it to others
        Assert.True(cluster[1].Audit.ForRepair(cluster[1].Membership.View).Find(liar)!.IsSuspended);
    }

    [Fact]
    public async Task Silence_suspends_after_a_while_and_an_answer_ends_it()
    {
        await using TestCluster cluster = await StartAsync(6);
        await PutAsync(cluster, 400);
        NodeId silent = cluster[Liar].Id;
        var told = new List<AuditStanding>();
        cluster[0].Audit.StandingChanged += (_, standing) => told.Add(standing);
        _liar!.IsSilent = true;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(AuditStanding.Good, cluster[0].Audit.StandingOf(silent));
            Assert.Equal(AuditOutcome.Unknown, (await AuditAsync(cluster, 0, silent))!.Value.Outcome);
        }
        Assert.Equal(AuditStanding.Suspended, cluster[0].Audit.StandingOf(silent));
        PeerConnection reader = await cluster.ConnectAsync(0, Role.Reader);
        ClusterView view = ClusterView.Decode(await reader.StatusAsync(StatusQuery.Members, CancellationToken.None));
        Assert.True(view.Find(silent)!.IsSuspended);
        Assert.Equal(1, view.Members.Count(member => member.IsSuspended));

        _liar.IsSilent = false;
        Assert.Equal(AuditOutcome.Ok, (await AuditAsync(cluster, 0, silent))!.Value.Outcome);
        Assert.Equal([AuditStanding.Suspended, AuditStanding.Good], told);
    }

    [Fact]
    public async Task A_lying_accuser_expels_nobody_and_is_suspended_himself()
    {
        await using TestCluster cluster = await StartAsync(6);
        TestStripe[] stripes = await PutAsync(cluster, 500);
        NodeServer victim = cluster[2];
        Identity accuser = TestKeys.Identity(4);
        ConnectionPool pool = cluster.Pool(accuser, TestKeys.Certificate(accuser));
        PeerConnection toVictim = await pool.GetAsync(victim.AdvertisedEndpoint, victim.Id, CancellationToken.None);
        var evidence = new List<(AuditProof Proof, BlobId Stripe)>();
        foreach (TestStripe stripe in stripes.Take(2))
        {
            int index = stripe.Descriptor.Ids.ToArray().ToList().FindIndex(victim.Store.Contains);
            var challenge = AuditChallenge.Whole(stripe.Descriptor.Ids[index], stripe.Blobs[index].Length, new SeededRandomSource(1));
            byte[] answer = await toVictim.StatusAsync(new NodeQuestion(Auditor.ProveName, challenge.Encode()).Encode(), CancellationToken.None);
            evidence.Add((AuditProof.Open(answer), stripe.Id));
        }
        Accusation lie = Accusation.Sign(accuser.Key, victim.Id, evidence);
        PeerConnection toJudge = await pool.GetAsync(cluster[0].AdvertisedEndpoint, cluster[0].Id, CancellationToken.None);
        await toJudge.StatusAsync(new NodeQuestion("audit-accuse", lie.Encoded).Encode(), CancellationToken.None);
        await cluster.UntilAsync(() => cluster[0].Audit.Numbers["false-accusations"] == 1, "the accusation was checked");
        Assert.Equal(AuditStanding.Good, cluster[0].Audit.StandingOf(victim.Id));
        Assert.Equal(AuditStanding.Suspended, cluster[0].Audit.StandingOf(accuser.Id));

        // Answers that the victim never signed are refused as they come.
        AuditProof forged = AuditProof.Sign(accuser.Key, accuser.Id, evidence[0].Proof.Challenge, new byte[32]);
        Accusation forgery = Accusation.Sign(accuser.Key, victim.Id, [(forged, stripes[0].Id), evidence[1]]);
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(
            async () => await toJudge.StatusAsync(new NodeQuestion("audit-accuse", forgery.Encoded).Encode(), CancellationToken.None));
        Assert.Equal(ErrorKind.Malformed, refused.Kind);
        Assert.Equal(AuditStanding.Good, cluster[0].Audit.StandingOf(victim.Id));
    }

    [Fact]
    public async Task Nobody_is_believed_for_an_accusation_whose_blobs_cannot_be_had()
    {
        await using TestCluster cluster = await StartAsync(6);
        await PutAsync(cluster, 600);
        Identity victim = TestKeys.Identity(2), accuser = TestKeys.Identity(4);
        (AuditProof, BlobId)[] evidence =
        [
            .. Enumerable.Range(0, 2).Select(i => (AuditProof.Sign(
                victim.Key, accuser.Id, AuditChallenge.Whole(TestKeys.Stripe(i), 100, new SeededRandomSource(1)), new byte[32]), TestKeys.Stripe(i))),
        ];
        ConnectionPool pool = cluster.Pool(accuser, TestKeys.Certificate(accuser));
        PeerConnection toJudge = await pool.GetAsync(cluster[0].AdvertisedEndpoint, cluster[0].Id, CancellationToken.None);
        byte[] accuse = new NodeQuestion("audit-accuse", Accusation.Sign(accuser.Key, victim.Id, evidence).Encoded).Encode();
        await toJudge.StatusAsync(accuse, CancellationToken.None);
        await cluster.UntilAsync(
            () => cluster.Log.Lines.Any(line => line.Contains("could not be checked", StringComparison.Ordinal)), "it was tried and dropped");
        Assert.Equal(AuditStanding.Good, cluster[0].Audit.StandingOf(victim.Id));
        Assert.Equal(0, cluster[0].Audit.Numbers["false-accusations"]);
    }

    [Fact]
    public async Task Audits_come_by_themselves_and_sooner_where_somebody_is_suspicious()
    {
        await using TestCluster cluster = await StartAsync(3, audit => audit with { PeerPeriodMs = 100 });
        await cluster.PutAsync(new TestStripe(800, 1, 2));
        await cluster.UntilAsync(() => cluster.Running.All(node => node.Audit.Numbers["audits-ok"] >= 4), "everyone audits everyone");
        await using TestCluster slow = await StartAsync(3, audit => audit with { PeerPeriodMs = 1_000_000_000 });
        await slow.PutAsync(new TestStripe(801, 1, 2));
        var results = new List<AuditResult>();
        slow[0].Audit.Audited += results.Add;
        slow[0].Audit.AuditSoon(slow[1].Id);
        await slow.UntilAsync(() => slow[0].Audit.Numbers["audits-ok"] == 1, "one audit");
        Assert.Equal(slow[1].Id, Assert.Single(results).Member);
    }

    private static async Task<AuditResult?> AuditAsync(TestCluster cluster, int auditor, NodeId member) =>
        await cluster[auditor].Audit.AuditNowAsync(cluster[auditor].Membership.View.Find(member)!, CancellationToken.None);

    private static async Task<TestStripe[]> PutAsync(TestCluster cluster, ulong seed)
    {
        TestStripe[] stripes = [.. Enumerable.Range(0, 8).Select(i => new TestStripe(seed + (ulong)i, 4, 2))];
        await cluster.PutAsync(stripes);
        return stripes;
    }

    private async Task<TestCluster> StartAsync(int count, Func<AuditOptions, AuditOptions>? configure = null)
    {
        var cluster = new TestCluster
        {
            Configure = options => options with
            {
                Audit = (configure ?? (static audit => audit))(
                    new AuditOptions { PeerPeriodMs = 0, AnswerTimeoutMs = 1000, ExpulsionPullMs = 300, RejudgeMs = 50 }),
                WrapHandler = options.Identity.Id == TestKeys.Identity(Liar).Id
                    ? honest => _liar = new LyingHandler(honest, options.Identity) : null,
            },
        };
        return await cluster.StartAsync(count);
    }
}
