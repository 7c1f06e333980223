using System.Globalization;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Placing;

public class PlacementTests
{
    [Fact]
    public void The_first_is_the_first_of_the_rank()
    {
        Member[] members = TestKeys.Members(9, domain: i => $"d{i / 3}", weight: i => 1 + i % 4);
        for (int i = 0; i < 200; i++)
            Assert.Equal(Placement.Rank(TestKeys.Stripe(i), members)[0].Id, members[Placement.First(TestKeys.Stripe(i), members)].Id);
    }

    [Fact]
    public void The_order_does_not_depend_on_the_order_of_the_candidates()
    {
        Member[] members = TestKeys.Members(12, i => $"rack-{i % 5}", i => 1 + i % 3);
        for (int stripe = 0; stripe < 50; stripe++)
        {
            NodeId[] forward = [.. Placement.Rank(TestKeys.Stripe(stripe), members).Select(m => m.Id)];
            NodeId[] backward = [.. Placement.Rank(TestKeys.Stripe(stripe), members.Reverse()).Select(m => m.Id)];
            Assert.Equal(forward, backward);
            Assert.Equal(12, forward.Distinct().Count());
        }
    }

    [Fact]
    public void The_logarithm_is_exact_at_powers_of_two_and_close_everywhere()
    {
        for (int i = 0; i < 64; i++)
            Assert.Equal((ulong)i << Placement.FractionBits, Placement.Log2(1ul << i));
        ulong x = 3;
        for (int i = 0; i < 1000; i++)
        {
            x = x * 6364136223846793005 + 1442695040888963407;
            double expected = Math.Log2(x | 1);
            double actual = Placement.Log2(x | 1) / Math.Pow(2, Placement.FractionBits);
            Assert.True(Math.Abs(expected - actual) < 1e-12, $"log2({x | 1}) is {expected:R}, not {actual:R}");
        }
        Assert.True(Placement.Log2(ulong.MaxValue) < 64ul << Placement.FractionBits); // so that a cost is never 0
    }

    // Frozen: a node of another build must come to the same places. docs/spec/cluster.md has the same numbers.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000", "f5a5fd42d16a2030", 0x00000f3e9a5206fdul)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "4ab9077c34a6903b", 0x0001c6ca462fee79ul)]
    public void Costs_are_frozen(string stripe, string node, string hash, ulong cost)
    {
        var stripeId = new BlobId(Convert.FromHexString(stripe));
        Assert.True(NodeId.TryParse(node, out NodeId nodeId));
        Assert.Equal(hash, Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData([.. Convert.FromHexString(stripe), .. Convert.FromHexString(node)]))[..16]);
        Assert.Equal(cost.ToString("x16", CultureInfo.InvariantCulture),
            Placement.Cost(stripeId, nodeId).ToString("x16", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Ranks_are_frozen()
    {
        Member[] members = TestKeys.Members(8, i => $"rack-{i / 2}", i => 1 + i);
        Dictionary<NodeId, int> numbers = members.Select((member, i) => (member.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i);
        string[] ranks = [.. Enumerable.Range(0, 4).Select(
            stripe => string.Join(' ', Placement.Rank(TestKeys.Stripe(stripe), members).Select(m => numbers[m.Id])))];
        Assert.Equal(["3 7 5 1 6 4 2 0", "4 1 6 3 5 7 2 0", "6 4 0 3 7 2 1 5", "6 3 4 0 7 5 2 1"], ranks);
    }

    [Fact]
    public void Weights_are_respected()
    {
        const int stripes = 30_000;
        Member[] members = TestKeys.Members(5, weight: i => new long[] { 1, 2, 3, 4, 10 }[i]);
        var first = new Dictionary<NodeId, int>();
        for (int i = 0; i < stripes; i++)
        {
            NodeId id = Placement.Rank(TestKeys.Stripe(i), members)[0].Id;
            first[id] = first.GetValueOrDefault(id) + 1;
        }
        double chiSquare = 0;
        foreach (Member member in members)
        {
            double expected = stripes * member.Weight / 20.0;
            Assert.InRange(first[member.Id], expected * 0.95, expected * 1.05);
            chiSquare += Math.Pow(first[member.Id] - expected, 2) / expected;
        }
        Assert.True(chiSquare < 18.47, $"χ² = {chiSquare:0.00}, above the 0.1 % point of 4 degrees of freedom");
    }

    [Fact]
    public void Huge_weights_do_not_overflow()
    {
        Member[] members = TestKeys.Members(3, weight: i => i == 0 ? NodeRecord.MaxWeight : 1);
        int first = Enumerable.Range(0, 200).Count(i => Placement.Rank(TestKeys.Stripe(i), members)[0].Id == members[0].Id);
        Assert.Equal(200, first);
    }

    [Fact]
    public void A_node_that_joins_takes_its_share_and_moves_nothing_else()
    {
        const int stripes = 10_000;
        Member[] before = TestKeys.Members(9);
        Member[] after = TestKeys.Members(10);
        NodeId joined = after[9].Id;
        int moved = 0;
        for (int i = 0; i < stripes; i++)
        {
            NodeId[] old = [.. Placement.Rank(TestKeys.Stripe(i), before).Select(m => m.Id)];
            NodeId[] now = [.. Placement.Rank(TestKeys.Stripe(i), after).Select(m => m.Id)];
            Assert.Equal(old, now.Where(id => id != joined));
            if (now[0] == joined)
                moved++;
        }
        Assert.InRange(moved, stripes / 10 * 0.93, stripes / 10 * 1.07);
    }

    [Fact]
    public void A_node_that_leaves_moves_only_what_it_held()
    {
        Member[] before = TestKeys.Members(10);
        Member gone = before[3];
        Member[] after = [.. before.Where(m => m.Id != gone.Id)];
        int touched = 0;
        const int stripes = 2_000;
        for (int i = 0; i < stripes; i++)
        {
            NodeId[] old = [.. Placement.Rank(TestKeys.Stripe(i), before).Take(6).Select(m => m.Id)];
            NodeId[] now = [.. Placement.Rank(TestKeys.Stripe(i), after).Take(6).Select(m => m.Id)];
            if (!old.Contains(gone.Id))
            {
                Assert.Equal(old, now);
                continue;
            }
            touched++;
            Assert.Equal(5, old.Intersect(now).Count());
        }
        Assert.InRange(touched, stripes * 0.6 * 0.95, stripes * 0.6 * 1.05); // six of ten nodes hold a stripe
    }

    [Fact]
    public void Every_domain_comes_once_before_any_comes_twice()
    {
        Member[] members = TestKeys.Members(12, i => $"rack-{i % 4}");
        for (int stripe = 0; stripe < 200; stripe++)
        {
            IReadOnlyList<Member> ranked = Placement.Rank(TestKeys.Stripe(stripe), members);
            for (int round = 0; round < 3; round++)
                Assert.Equal(4, ranked.Skip(round * 4).Take(4).Select(m => m.Domain).Distinct().Count());
        }
    }

    [Fact]
    public void Uneven_domains_are_used_up_in_rounds()
    {
        Member[] members = TestKeys.Members(6, i => i < 4 ? "large" : $"small-{i}");
        IReadOnlyList<Member> ranked = Placement.Rank(TestKeys.Stripe(7), members);
        Assert.Equal(3, ranked.Take(3).Select(m => m.Domain).Distinct().Count());
        Assert.All(ranked.Skip(3), m => Assert.Equal("large", m.Domain));
    }

    [Theory]
    [InlineData(6, 6, 1)]
    [InlineData(6, 8, 1)]
    [InlineData(6, 5, 2)]
    [InlineData(6, 3, 2)]
    [InlineData(14, 6, 3)]
    [InlineData(80, 6, 14)]
    [InlineData(3, 1, 3)]
    [InlineData(0, 4, 1)]
    [InlineData(5, 0, 5)]
    public void The_quota_of_a_domain_is_its_even_share(int total, int domains, int quota) =>
        Assert.Equal(quota, Placement.QuotaPerDomain(total, domains));

    [Fact]
    public void A_wide_stripe_is_spread_evenly()
    {
        Member[] members = TestKeys.Members(6);
        Member?[] slots = Placement.Assign(TestKeys.Stripe(1), 80, members, 6);
        Assert.DoesNotContain(null, slots);
        Assert.All(slots.GroupBy(m => m!.Id), group => Assert.InRange(group.Count(), 13, 14));
        Assert.Equal(6, slots.Take(6).Select(m => m!.Id).Distinct().Count());
    }

    [Fact]
    public void A_shortage_leaves_slots_empty_rather_than_doubling_up()
    {
        Member[] members = TestKeys.Members(6);
        Member?[] slots = Placement.Assign(TestKeys.Stripe(1), 6, members.Take(4), domainsKnown: 6);
        Assert.Equal(4, slots.Count(m => m is not null));
        Assert.Equal(4, slots.OfType<Member>().Select(m => m.Id).Distinct().Count());
    }

    [Fact]
    public void Copies_never_share_a_member()
    {
        Member[] members = TestKeys.Members(2, _ => "one");
        Member?[] slots = Placement.Assign(TestKeys.Stripe(1), 3, members, domainsKnown: 1, oneEach: true);
        Assert.Equal(2, slots.OfType<Member>().Select(m => m.Id).Distinct().Count());
        Assert.Null(slots[2]);
    }

    [Fact]
    public void Load_finds_the_emptiest_domain_and_takes_refusals_back()
    {
        Member[] members = TestKeys.Members(4, i => $"rack-{i % 2}");
        IReadOnlyList<Member> ranked = Placement.Rank(TestKeys.Stripe(3), members);
        var load = new StripeLoad(ranked, quota: 2, oneEach: false);
        Member first = load.Next()!;
        Assert.Equal(ranked[0].Id, first.Id);
        load.Add(first);
        Member second = load.Next()!;
        Assert.NotEqual(first.Domain, second.Domain);
        load.Add(second);
        load.Remove(first);
        Assert.Equal(first.Domain, load.Next(new HashSet<NodeId> { first.Id })!.Domain);
        Assert.Throws<InvalidOperationException>(() => load.Remove(first));
        foreach (Member member in ranked)
            load.Add(member);
        Assert.Null(load.Next());
    }
}
