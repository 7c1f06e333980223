using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Challenges with their answers, made while the auditor had a blob in memory, each to be used once. In memory only: after a restart the
/// first audits fetch again. Thread-safe.
/// </summary>
internal sealed class PreparedChallenges
{
    private const int PerBlob = 4;
    private const int CountMax = 4096; // about 200 bytes each; the oldest give way

    private readonly Lock _gate = new();
    private readonly LinkedList<(NodeId Holder, AuditChallenge Challenge, byte[] Answer)> _all = new();

    /// <summary>Makes some for a blob that a member was found to hold.</summary>
    public void Prepare(NodeId holder, BlobId blob, ReadOnlySpan<byte> bytes, IRandomSource random)
    {
        for (int i = 0; i < PerBlob; i++)
        {
            AuditChallenge challenge = AuditChallenge.Create(blob, bytes.Length, random);
            byte[] answer = challenge.Answer(holder, bytes)!;
            lock (_gate)
            {
                _all.AddLast((holder, challenge, answer));
                if (_all.Count > CountMax)
                    _all.RemoveFirst();
            }
        }
    }

    /// <summary>Takes one of the member's at random; null when there is none.</summary>
    public (AuditChallenge Challenge, byte[] Answer)? TryTake(NodeId holder, IRandomSource random)
    {
        lock (_gate)
        {
            int count = _all.Count(item => item.Holder == holder);
            if (count == 0)
                return null;
            int chosen = random.Next(count);
            for (var node = _all.First; node is not null; node = node.Next)
            {
                if (node.Value.Holder != holder || chosen-- > 0)
                    continue;
                _all.Remove(node);
                return (node.Value.Challenge, node.Value.Answer);
            }
            return null;
        }
    }
}
