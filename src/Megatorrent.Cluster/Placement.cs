using System.Buffers.Binary;
using System.Numerics;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>
/// Where the blobs of a stripe belong: weighted rendezvous hashing over the members, computed by everyone alike and stored nowhere.
/// Integers only, so that every machine comes to the same order (docs/spec/cluster.md, "Placement").
/// </summary>
/// <remarks>
/// Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998), with the weights of
/// Schindelhauer and Schomaker, "Weighted distributed hash tables" (2005): the smallest −ln(u) / weight wins.
/// </remarks>
public static class Placement
{
    /// <summary>Binary places of the logarithm.</summary>
    internal const int FractionBits = 48;

    /// <summary>
    /// Every candidate, best first: one of each failure domain in the order of their scores, then the second of each domain, and so on.
    /// The order among nodes that stay is never changed by a node that comes or goes, within the limits of the domains. Members that
    /// drain come after all others.
    /// </summary>
    /// <param name="stripeId">The stripe: a descriptor's id, or the blob's own id under replication.</param>
    /// <param name="candidates">The members that may hold blobs, in any order; ids must be distinct.</param>
    public static IReadOnlyList<Member> Rank(BlobId stripeId, IEnumerable<Member> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        var scored = new List<(Member Member, ulong Cost)>();
        var draining = new List<(Member Member, ulong Cost)>();
        foreach (Member member in candidates)
            (member.TakesBlobs ? scored : draining).Add((member, Cost(stripeId, member.PlaceId)));
        List<Member> ranked = Sorted(scored);
        if (draining.Count > 0)
            ranked.AddRange(Sorted(draining)); // last, so that the order of the others is already that of when they are gone
        return ranked;
    }

    /// <summary>
    /// The first of <see cref="Rank"/>, without ranking the rest, by ids and weights alone: places and drains do not count here, so that
    /// whoever knows these two comes to the same member.
    /// </summary>
    /// <param name="stripeId">The stripe.</param>
    /// <param name="candidates">The members that may hold blobs; at least one.</param>
    /// <returns>The index in <paramref name="candidates"/>.</returns>
    internal static int First(BlobId stripeId, IReadOnlyList<Member> candidates)
    {
        int best = 0;
        ulong least = Cost(stripeId, candidates[0].Id);
        for (int i = 1; i < candidates.Count; i++)
        {
            ulong cost = Cost(stripeId, candidates[i].Id);
            if (Compare(cost, candidates[i].Weight, candidates[i].Id, least, candidates[best].Weight, candidates[best].Id) < 0)
                (best, least) = (i, cost);
        }
        return best;
    }

    /// <summary>
    /// How many blobs of one stripe a failure domain may hold: ⌈total / domains⌉, at least 1.
    /// </summary>
    /// <param name="totalBlobs">Blobs (or copies, under replication) of the stripe at full strength.</param>
    /// <param name="domainsKnown">
    /// Distinct domains of every member that was not removed, dead ones too: a shortage while nodes are down leaves blobs missing,
    /// which repair adds later, rather than doubling up.
    /// </param>
    public static int QuotaPerDomain(int totalBlobs, int domainsKnown)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(totalBlobs);
        if (PlantedBugs.Has(PlantedBug.QuotaIgnored))
            return Math.Max(1, totalBlobs);
        int domains = Math.Max(1, domainsKnown);
        return Math.Max(1, (totalBlobs + domains - 1) / domains);
    }

    /// <summary>
    /// The member for each of <paramref name="totalBlobs"/> blobs of a stripe that is stored nowhere yet: slot i takes blob i (or copy i).
    /// A slot is null when the quota of every domain is used up.
    /// </summary>
    /// <param name="stripeId">The stripe.</param>
    /// <param name="totalBlobs">Blobs (or copies) of the stripe.</param>
    /// <param name="candidates">The members that may hold blobs now.</param>
    /// <param name="domainsKnown">Distinct domains of every member that was not removed, see <see cref="QuotaPerDomain"/>.</param>
    /// <param name="oneEach">True under replication: a second copy on one member would be no copy.</param>
    public static Member?[] Assign(
        BlobId stripeId, int totalBlobs, IEnumerable<Member> candidates, int domainsKnown, bool oneEach = false) =>
        Assign(stripeId, totalBlobs, candidates, Spread.Over(totalBlobs, domainsKnown), oneEach);

    /// <inheritdoc cref="Assign(BlobId, int, IEnumerable{Member}, int, bool)"/>
    /// <param name="stripeId">The stripe.</param>
    /// <param name="totalBlobs">Blobs (or copies) of the stripe.</param>
    /// <param name="candidates">The members that may hold blobs now.</param>
    /// <param name="spread">How they are kept apart, see <see cref="ClusterView.SpreadOf"/>.</param>
    /// <param name="oneEach">True under replication: a second copy on one member would be no copy.</param>
    public static Member?[] Assign(BlobId stripeId, int totalBlobs, IEnumerable<Member> candidates, Spread spread, bool oneEach = false)
    {
        var load = new StripeLoad(Rank(stripeId, candidates), spread, oneEach);
        var slots = new Member?[totalBlobs];
        for (int i = 0; i < totalBlobs; i++)
        {
            if ((slots[i] = load.Next()) is { } member)
                load.Add(member);
        }
        return slots;
    }

    /// <summary>
    /// −log2(u) in fixed point with <see cref="FractionBits"/> places, 1 … 64·2^48, where u = (first 64 bits of SHA-256(stripe ‖ node) | 1)
    /// / 2^64.
    /// </summary>
    internal static ulong Cost(BlobId stripeId, NodeId nodeId)
    {
        Span<byte> input = stackalloc byte[BlobId.Length + NodeId.Length];
        stripeId.CopyTo(input);
        nodeId.CopyTo(input[BlobId.Length..]);
        Span<byte> hash = stackalloc byte[Sha256.HashLength];
        Sha256.Hash(input, hash);
        return (64ul << FractionBits) - Log2(BinaryPrimitives.ReadUInt64BigEndian(hash) | 1);
    }

    /// <summary>
    /// log2(<paramref name="x"/>) in fixed point, rounded down, by repeated squaring of the mantissa: one bit of the fraction a step.
    /// No floating point: a last bit that differed between two machines would make them disagree about a stripe.
    /// </summary>
    internal static ulong Log2(ulong x)
    {
        int exponent = BitOperations.Log2(x);
        ulong mantissa = x << (63 - exponent);           // 1.63: [1, 2)
        ulong result = (ulong)exponent;
        for (int i = 0; i < FractionBits; i++)
        {
            ulong square = Math.BigMul(mantissa, mantissa, out _); // 2.62: [1, 4)
            ulong bit = square >> 63;                    // at least 2: this bit of the logarithm is set, and halving is a change of format
            mantissa = bit != 0 ? square : square << 1;
            result = (result << 1) | bit;
        }
        return result;
    }

    private static List<Member> Sorted(List<(Member Member, ulong Cost)> scored)
    {
        scored.Sort(static (left, right) =>
            Compare(left.Cost, left.Member.Weight, left.Member.Id, right.Cost, right.Member.Weight, right.Member.Id));
        return ByDomain(scored);
    }

    // Smaller cost per weight first: a/wa < b/wb, as a·wb < b·wa in 128 bits. Equal: the smaller node id.
    private static int Compare(ulong costA, long weightA, NodeId idA, ulong costB, long weightB, NodeId idB)
    {
        UInt128 left = (UInt128)costA * (ulong)Math.Max(1, weightB);
        UInt128 right = (UInt128)costB * (ulong)Math.Max(1, weightA);
        int order = left.CompareTo(right);
        return order != 0 ? order : idA.CompareTo(idB);
    }

    private static List<Member> ByDomain(List<(Member Member, ulong Cost)> scored)
    {
        // round[i]: how many of the same domain stand before i. A stable pass per round keeps the order of the scores.
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var round = new int[scored.Count];
        int rounds = 0;
        for (int i = 0; i < round.Length; i++)
        {
            string domain = scored[i].Member.Domain;
            round[i] = seen.TryGetValue(domain, out int before) ? before : 0;
            seen[domain] = round[i] + 1;
            rounds = Math.Max(rounds, round[i] + 1);
        }

        var ranked = new List<Member>(scored.Count);
        for (int r = 0; r < rounds; r++)
        {
            for (int i = 0; i < round.Length; i++)
            {
                if (round[i] == r)
                    ranked.Add(scored[i].Member);
            }
        }
        return ranked;
    }
}
