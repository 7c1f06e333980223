using Megatorrent.Cluster.Audit;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Audits;

/// <summary>How soon a holder that threw bytes away is found: the formula of docs/spec/audit.md and the code, played with seeds.</summary>
public class DetectionTests
{
    private const int Trials = 1000;

    [Theory]
    [InlineData(1, 0.01, 69)]    // an even chance
    [InlineData(2, 0.01, 459)]   // 99 %
    [InlineData(3, 0.05, 90)]    // 99 %
    [InlineData(4, 0.2, 10)]     // 89 %
    [InlineData(5, 0.001, 240)]  // one auditor's day against one blob in a thousand: 21 %
    public void A_share_of_the_blobs_missing_is_found_as_often_as_the_formula_says(ulong seed, double missing, int audits)
    {
        const int Blobs = 2000, Asked = 150;
        var random = new SeededRandomSource(seed);
        int found = 0;
        var claims = new bool[Asked];
        for (int trial = 0; trial < Trials; trial++)
        {
            for (int audit = 0; audit < audits; audit++)
            {
                // Stripes at random, of whose blobs the holder claims a sixth or so; the audit takes one claim. Of all blobs the
                // first are not there.
                int[] blobs = [.. Enumerable.Range(0, Asked).Select(_ => random.Next(Blobs))];
                for (int i = 0; i < Asked; i++)
                    claims[i] = random.Next(6) == 0;
                int chosen = Auditor.Pick(claims, random);
                if (chosen < 0 || blobs[chosen] >= missing * Blobs)
                    continue;
                found++;
                break;
            }
        }
        double expected = 1 - Math.Pow(1 - missing, audits);
        double deviation = Math.Sqrt(expected * (1 - expected) / Trials);
        Assert.True(Math.Abs((double)found / Trials - expected) < 4 * deviation, $"seed {seed}: {found} of {Trials}, {expected:P1} expected");
    }

    // A holder that keeps a part of each blob must guess the rest: half of the challenges are over the whole blob, and of the ranges
    // between two uniform places those that lie within the kept part q pass, q² of them.
    [Theory]
    [InlineData(11, 0.5)]
    [InlineData(12, 0.9)]
    [InlineData(13, 0.99)]
    public void A_part_of_each_blob_missing_is_found_by_each_challenge(ulong seed, double kept)
    {
        const int Length = 1 << 20;
        var random = new SeededRandomSource(seed);
        var blob = new byte[Length];
        random.Fill(blob);
        byte[] cut = blob[..];
        cut.AsSpan((int)(kept * Length)).Clear();
        BlobId id = BlobId.Of(blob);
        int found = 0;
        const int Challenges = 400;
        for (int i = 0; i < Challenges; i++)
        {
            AuditChallenge challenge = AuditChallenge.Create(id, Length, random);
            found += challenge.Answer(default(NodeId), blob)!.AsSpan().SequenceEqual(challenge.Answer(default(NodeId), cut)) ? 0 : 1;
        }
        double expected = 1 - (kept * kept / 2);
        double deviation = Math.Sqrt(expected * (1 - expected) / Challenges);
        Assert.True(Math.Abs((double)found / Challenges - expected) < 4 * deviation + 0.005, $"seed {seed}: {found} of {Challenges}, {expected:P1} expected");
    }
}
