using Megatorrent.Cluster.Entropy;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Fuzz.Targets;

/// <summary>What nodes compare of what they hold, and agree on before one of them deletes.</summary>
[Covers(typeof(EntropyMessages))]
[Covers(typeof(RangeSum))]
[Covers(typeof(SurplusMessages))]
internal sealed class RepairMessagesTarget() : FormatsTarget(
    "repair-messages",
    new Format<(byte[] Layout, int Bits, StripeRange[] Ranges)>(
        EntropyMessages.DecodeQuestion,
        static value => EntropyMessages.EncodeQuestion(value.Layout, value.Bits, value.Ranges),
        isCanonical: false),
    new Format<RangeSum[]?>(static source => EntropyMessages.DecodeSums(source, Sums), EntropyMessages.EncodeSums, isCanonical: false),
    new Format<(List<(BlobId Stripe, UInt128 Total)> Stripes, bool IsCut)?>(
        EntropyMessages.DecodeStripes,
        static value => EntropyMessages.EncodeStripes(value?.Stripes, value?.IsCut ?? false),
        isCanonical: false),
    new Format<BlobId[]>(SurplusMessages.DecodeHint, static value => SurplusMessages.EncodeHint(value), isCanonical: false),
    new Format<(BlobId Stripe, BlobId Blob, byte[] Nonce)>(
        SurplusMessages.DecodeConfirm,
        static value => SurplusMessages.EncodeConfirm(value.Stripe, value.Blob, value.Nonce),
        isCanonical: false),
    new Format<byte[]?>(SurplusMessages.DecodeProof, SurplusMessages.EncodeProof, isCanonical: false))
{
    private const int Sums = 2;
}
