using Megatorrent.Cluster;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client.Tests;

/// <summary>What answers of members come to. Green only on evidence.</summary>
public class EvidenceTallyTests
{
    private const long Bound = 1000;

    private static readonly SigningKey Key = SigningKey.FromSeed(new byte[32]);
    private static readonly Member[] Members = [.. Enumerable.Range(1, 6).Select(static number => Create(number, suspended: false))];
    private static readonly BlobId[] Ids = [.. Enumerable.Range(0, 6).Select(static i => BlobId.Of([(byte)i]))];

    private readonly EvidenceTally _coded = new(new StripeDescriptor(2, Ids, [10, 10, 10, 10]));
    private readonly EvidenceTally _copies = new(new StripeDescriptor(2, Ids.AsSpan(0, 1), [10]));

    [Fact]
    public void Every_blob_with_fresh_evidence_is_healthy_and_the_oldest_counts()
    {
        for (int i = 0; i < 6; i++)
            _coded.Held(i, Members[i], 100 * (i + 1));
        Assert.Equal(new StripeEvidence(_coded.Descriptor.Id, HealthState.Healthy, 6, 6, 6, 0, 600), _coded.Judge(Bound));
        Assert.True(_coded.IsComplete);
        Assert.Equal(HealthState.Unknown, _coded.Judge(599).State);
        Assert.Equal(5, _coded.Judge(599).Fresh);
    }

    [Fact]
    public void No_answer_is_no_evidence()
    {
        Assert.Equal(new StripeEvidence(_coded.Descriptor.Id, HealthState.Unreadable, 6, 0, 0, 0, null), _coded.Judge(Bound));
        for (int i = 0; i < 5; i++)
            _coded.Held(i, Members[i], i == 4 ? null : 1);
        Assert.Equal(new StripeEvidence(_coded.Descriptor.Id, HealthState.Degraded, 6, 4, 5, 0, null), _coded.Judge(Bound));
        _coded.Held(5, Members[5], 1);
        Assert.Equal(new StripeEvidence(_coded.Descriptor.Id, HealthState.Unknown, 6, 5, 6, 0, null), _coded.Judge(Bound));
    }

    [Fact]
    public void An_audit_by_another_makes_an_unknown_blob_known()
    {
        for (int i = 0; i < 6; i++)
            _coded.Held(i, Members[i], i == 2 ? null : 1);
        _coded.Audited(Members[2], Members[2].Id, Ids[2], 5); // itself
        _coded.Audited(Create(9, suspended: true), Members[2].Id, Ids[2], 5);
        _coded.Audited(Members[0], Members[1].Id, Ids[2], 5); // not there
        Assert.Equal(HealthState.Unknown, _coded.Judge(Bound).State);
        _coded.Audited(Members[0], Members[2].Id, Ids[2], 50);
        _coded.Audited(Members[1], Members[2].Id, Ids[2], 60);
        Assert.Equal(new StripeEvidence(_coded.Descriptor.Id, HealthState.Healthy, 6, 6, 6, 1, 50), _coded.Judge(Bound));
    }

    [Fact]
    public void A_suspended_members_word_is_none()
    {
        for (int i = 0; i < 6; i++)
            _coded.Held(i, i == 3 ? Create(4, suspended: true) : Members[i], 1);
        Assert.Equal((HealthState.Unknown, 6, 5), (_coded.Judge(Bound).State, _coded.Judge(Bound).Held, _coded.Judge(Bound).Fresh));
    }

    [Fact]
    public void Copies_are_counted_by_member_and_the_best_of_too_many_count()
    {
        _copies.Held(0, Members[0], 1);
        _copies.Held(0, Members[0], 1);
        Assert.Equal((HealthState.Degraded, 1), (_copies.Judge(Bound).State, _copies.Judge(Bound).Held));
        _copies.Held(0, Members[1], 2);
        _copies.Held(0, Members[2], 5000);
        Assert.Equal(HealthState.Unknown, _copies.Judge(Bound).State);
        _copies.Held(0, Members[3], 3);
        Assert.Equal(new StripeEvidence(_copies.Descriptor.Id, HealthState.Healthy, 3, 3, 3, 0, 3), _copies.Judge(Bound));
    }

    private static Member Create(int number, bool suspended)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using Identity identity = Identity.FromSeed([(byte)number, .. new byte[31]]);
        Certificate certificate = Certificate.IssueByCluster(Key, identity.PublicKey, Role.Node, start, start.AddYears(1));
        return new Member(NodeRecord.Create(identity, certificate, $"10.0.0.{number}:1", $"d{number}", 1, 1, "t"), MemberState.Alive, start)
        {
            IsSuspended = suspended,
        };
    }
}
