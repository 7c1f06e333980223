using Megatorrent.Cluster.Audit;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>Challenges, signed answers and accusations.</summary>
public class AuditProofTests
{
    private static readonly Identity Holder = TestKeys.Identity(1);
    private static readonly Identity Auditor = TestKeys.Identity(2);
    private readonly SeededRandomSource _random = new(1);

    [Fact]
    public void An_answer_is_worth_nothing_to_another_holder_or_for_another_nonce_or_range()
    {
        byte[] blob = Blob(10_000);
        AuditChallenge challenge = AuditChallenge.Whole(BlobId.Of(blob), blob.Length, _random);
        byte[] answer = challenge.Answer(Holder.Id, blob)!;
        Assert.Equal(answer, AuditChallenge.Decode(challenge.Encode()).Answer(Holder.Id, blob));
        Assert.NotEqual(answer, challenge.Answer(Auditor.Id, blob));
        Assert.NotEqual(answer, AuditChallenge.Whole(BlobId.Of(blob), blob.Length, _random).Answer(Holder.Id, blob));
        Assert.NotEqual(answer, (challenge with { Length = 9_999 }).Answer(Holder.Id, blob));
        blob[5000] ^= 1;
        Assert.NotEqual(answer, challenge.Answer(Holder.Id, blob));
        Assert.Null((challenge with { Length = 10_001 }).Answer(Holder.Id, blob));
        Assert.Null((challenge with { Offset = int.MaxValue, Length = int.MaxValue }).Answer(Holder.Id, blob));
    }

    [Fact]
    public void The_answer_is_frozen()
    {
        byte[] blob = [.. "some bytes of a blob"u8];
        var challenge = new AuditChallenge([.. Enumerable.Range(0, 32).Select(static i => (byte)i)], BlobId.Of(blob), 5, 10);
        byte[] input =
        [
            .. "megatorrent audit 1\0"u8, .. challenge.Nonce, .. Holder.Id.ToArray(), .. BlobId.Of(blob).ToArray(), 0, 0, 0, 5, 0, 0, 0, 10,
            .. "bytes of a"u8,
        ];
        Assert.Equal(BlobId.Of(input).ToArray(), challenge.Answer(Holder.Id, blob));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(1_000_000)]
    public void Ranges_are_within_the_blob_and_reach_every_part(int length)
    {
        var hits = new int[16];
        for (int i = 0; i < 4000; i++)
        {
            AuditChallenge challenge = AuditChallenge.Create(default, length, _random);
            Assert.InRange(challenge.Offset, 0, length - 1);
            Assert.InRange(challenge.Length, Math.Min(length, 4096), length - challenge.Offset);
            for (int part = 0; part < hits.Length; part++)
            {
                long place = (long)length * part / hits.Length;
                hits[part] += place >= challenge.Offset && place < challenge.Offset + (long)challenge.Length ? 1 : 0;
            }
        }
        Assert.All(hits, hit => Assert.True(hit > 1800, $"a part was asked for {hit} times of 4000"));
    }

    [Fact]
    public void A_proof_is_its_signers_and_its_challenges()
    {
        byte[] blob = Blob(100);
        AuditChallenge challenge = AuditChallenge.Whole(BlobId.Of(blob), blob.Length, _random);
        AuditProof proof = AuditProof.Open(AuditProof.Sign(Holder.Key, Auditor.Id, challenge, challenge.Answer(Holder.Id, blob)!).Encoded);
        Assert.True(proof.IsRight(blob));
        Assert.True(proof.Answers(Holder.Id, Auditor.Id, challenge));
        Assert.False(proof.Answers(Auditor.Id, Auditor.Id, challenge));
        Assert.False(proof.Answers(Holder.Id, Holder.Id, challenge));
        Assert.False(proof.Answers(Holder.Id, Auditor.Id, AuditChallenge.Whole(BlobId.Of(blob), blob.Length, _random)));
        byte[] changed = proof.Encoded;
        for (int i = 0; i < changed.Length; i++)
        {
            changed[i] ^= 1;
            Assert.Throws<MegatorrentException>(() => AuditProof.Open(changed));
            changed[i] ^= 1;
        }
    }

    [Fact]
    public void An_accusation_needs_two_answers_of_the_accused_that_differ()
    {
        var evidence = new List<(AuditProof, BlobId)> { (Wrong(1, Holder, Auditor.Id), default) };
        Refused(Accusation.Sign(Auditor.Key, Holder.Id, evidence));
        evidence.Add((Wrong(1, Holder, Auditor.Id), default)); // the same blob again
        Refused(Accusation.Sign(Auditor.Key, Holder.Id, evidence));
        Refused(Accusation.Sign(Auditor.Key, Holder.Id, [evidence[0], (Wrong(2, Auditor, Holder.Id), default)])); // another's answer
        evidence[1] = (Wrong(2, Holder, Auditor.Id), TestKeys.Stripe(7));
        Accusation accusation = Accusation.Open(Accusation.Sign(Auditor.Key, Holder.Id, evidence).Encoded);
        Assert.Equal((Auditor.Id, Holder.Id, 2), (accusation.Accuser, accusation.Accused, accusation.Evidence.Count));
        Assert.Equal(TestKeys.Stripe(7), accusation.Evidence[1].Stripe);
        Assert.NotNull(Accusation.Open(Accusation.Sign(Auditor.Key, Holder.Id, [evidence[0], (Wrong(1, Holder, TestKeys.Identity(3).Id), default)]).Encoded));
        Refused(Accusation.Sign(Auditor.Key, Holder.Id, [.. Enumerable.Range(0, 5).Select(i => (Wrong(i, Holder, Auditor.Id), default(BlobId)))]));

        static void Refused(Accusation accusation) =>
            Assert.Equal(ErrorKind.Malformed, Assert.Throws<MegatorrentException>(() => Accusation.Open(accusation.Encoded)).Kind);
    }

    [Fact]
    public void Prepared_challenges_are_used_once_and_by_holder()
    {
        byte[] blob = Blob(50_000);
        var prepared = new PreparedChallenges();
        prepared.Prepare(Holder.Id, BlobId.Of(blob), blob, _random);
        Assert.Null(prepared.TryTake(Auditor.Id, _random));
        var nonces = new HashSet<string>();
        while (prepared.TryTake(Holder.Id, _random) is var (challenge, answer))
        {
            Assert.True(nonces.Add(Convert.ToHexString(challenge.Nonce)));
            Assert.Equal(answer, challenge.Answer(Holder.Id, blob));
        }
        Assert.Equal(4, nonces.Count);
    }

    [Fact]
    public void The_allowance_is_a_days_worth_a_day()
    {
        var time = new ManualTime();
        var allowance = new ByteAllowance(48L << 30, time);
        Assert.True(allowance.TryTake(2L << 30));
        Assert.False(allowance.TryTake(1));
        long taken = 0;
        for (int minute = 0; minute < 24 * 60; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            while (allowance.TryTake(1 << 20))
                taken += 1 << 20;
        }
        Assert.InRange(taken, (48L << 30) - (64 << 20), 48L << 30);
        Assert.False(new ByteAllowance(0, time).TryTake(1));
    }

    private byte[] Blob(int length)
    {
        var blob = new byte[length];
        _random.Fill(blob);
        return blob;
    }

    private AuditProof Wrong(int blob, Identity holder, NodeId auditor) => AuditProof.Sign(
        holder.Key, auditor, AuditChallenge.Whole(TestKeys.Stripe(blob), 100, _random), new byte[32]);
}
