using Megatorrent.Cluster.Audit;
using Megatorrent.Core;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Challenges, proofs, accusations, and what is kept of them.</summary>
[Covers(typeof(AuditChallenge))]
[Covers(typeof(AuditProof))]
[Covers(typeof(Accusation))]
[Covers(typeof(SignedStatement))]
[Covers(typeof(Tribunal))]
[Covers(typeof(AuditHistory))]
[Covers(typeof(PeerHistory))]
[Covers(typeof(ScrubLedger))]
[Covers(typeof(EvidenceReply))]
[Covers(typeof(EvidenceQuestion))]
internal sealed class AuditTarget() : FormatsTarget(
    "audit",
    new Format<AuditChallenge>(AuditChallenge.Decode, static value => value.Encode(), isCanonical: false),
    new Format<AuditProof>(AuditProof.Open, static value => value.Encoded, isCanonical: true),
    new Format<Accusation>(Accusation.Open, static value => value.Encoded, isCanonical: true),
    new Format<AuditHistory>(AuditHistory.Decode, static value => value.Encode(), isCanonical: false),
    new Format<ScrubLedger>(static source => ScrubLedger.Decode(source, Now), static value => value.Encode(), isCanonical: false),
    new Format<EvidenceReply>(static source => EvidenceReply.Decode(source, []), static value => value.Encode(), isCanonical: false),
    new ReadFormat<List<Accusation>>(Tribunal.DecodeList))
{
    private const long Now = 1_700_000_000_000;

    protected override bool IsRefusal(ErrorKind kind) => base.IsRefusal(kind) || kind == ErrorKind.Integrity;
}
