using Megatorrent.Cluster.Coordination;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Placing;

/// <summary>Failure domains inside each other, and how little moves when the layout changes.</summary>
public class DomainSpreadTests
{
    private const int Total = 6;

    [Theory]
    [InlineData(6, 2, 1, 1, 1)] // six sites: one blob each
    [InlineData(3, 2, 2, 2, 1)] // three sites with two racks each: one a rack, and so two a site
    [InlineData(2, 2, 2, 3, 2)] // two sites, four racks, eight hosts: one a host, two racks take two
    [InlineData(1, 1, 7, 6, 6)]
    public void Blobs_are_kept_apart_at_the_widest_level_that_has_enough(int sites, int racks, int hosts, int perSite, int perRack)
    {
        Member[] members = Tree(sites, racks, hosts);
        var view = new ClusterView(members, 1);
        for (int stripe = 0; stripe < 300; stripe++)
        {
            Member?[] places = Placement.Assign(TestKeys.Stripe(stripe), Total, members, view.SpreadOf(Total));
            Assert.DoesNotContain(null, places);
            Assert.Equal(perSite, places.GroupBy(m => m!.DomainAt(1)).Max(group => group.Count()));
            Assert.Equal(perRack, places.GroupBy(m => m!.DomainAt(2)).Max(group => group.Count()));
            Assert.Equal(Math.Min(Total, members.Length), places.Select(m => m!.Id).Distinct().Count());
        }
    }

    [Fact]
    public void A_site_of_one_host_does_not_keep_a_stripe_from_being_placed()
    {
        Member[] members = TestKeys.Members(11, i => i == 0 ? "small/r/h" : $"large/r{i % 2}/h{i}");
        Spread spread = new ClusterView(members, 1).SpreadOf(Total);
        Assert.Equal((3, 1), (spread.Level, spread.Quota) is var (level, quota) && level >= 3 ? (3, quota) : (spread.Level, spread.Quota));
        for (int stripe = 0; stripe < 200; stripe++)
        {
            Member?[] places = Placement.Assign(TestKeys.Stripe(stripe), Total, members, spread);
            Assert.DoesNotContain(null, places);
            Assert.Contains(places, m => m!.Id == members[0].Id); // and the small site has its share of the spread
        }
    }

    [Fact]
    public void Plain_domains_are_placed_as_ever()
    {
        Member[] members = TestKeys.Members(9, i => $"rack-{i % 5}", i => 1 + i % 3);
        var view = new ClusterView(members, 1);
        Assert.Equal(Spread.Over(Total, 5), view.SpreadOf(Total));
        for (int stripe = 0; stripe < 200; stripe++)
        {
            Assert.Equal(
                Placement.Assign(TestKeys.Stripe(stripe), Total, members, 5).Select(m => m?.Id),
                Placement.Assign(TestKeys.Stripe(stripe), Total, members, view.SpreadOf(Total)).Select(m => m?.Id));
        }
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a/b", "a a/b")]
    [InlineData("site/rack/host:1", "site site/rack site/rack/host:1")]
    [InlineData("/a", "/a")]
    [InlineData("a/", "a/")]
    [InlineData("/", "/")]
    public void A_path_is_in_each_of_its_beginnings(string path, string prefixes) =>
        Assert.Equal(prefixes, string.Join(' ', DomainPath.Prefixes(path)));

    [Theory]
    [InlineData("a/b/c", "a/b/d", 2)]
    [InlineData("a/b/c", "a/b/c", 3)]
    [InlineData("a", "a/b", 1)]
    [InlineData("a", "ab", 0)]
    public void Nearness_is_how_many_domains_are_shared(string left, string right, int shared) =>
        Assert.Equal(shared, DomainPath.Shared(DomainPath.Prefixes(left), DomainPath.Prefixes(right)));

    // The optimum: of a layout's change only what must move moves. A member's share of the places is its weight's, up to one place a
    // stripe; what moves is the difference of the shares, and in trees of domains the spreading adds some.
    [Theory]
    [InlineData(false, 1.15)]
    [InlineData(true, 2.2)]
    public void Little_more_moves_than_must(bool tree, double bound)
    {
        const int stripes = 2500;
        Member[] before = tree ? Tree(3, 3, 2) : TestKeys.Members(18);
        Dictionary<string, Member[]> changes = new()
        {
            ["a node joins"] = [.. before, Node(before.Length, tree ? "s0/s0r0/new" : "new", 1)],
            ["a node leaves"] = [.. before.Where((_, i) => i != 4)],
            ["a node drains"] = [.. before.Select((m, i) => i == 4 ? Under(m, new LayoutNode(m.Id, NodeMode.Draining)) : m)],
            ["a weight doubles"] = [.. before.Select((m, i) => i == 4 ? Under(m, new LayoutNode(m.Id, NodeMode.Active) { Weight = 2 }) : m)],
            ["a node is replaced"] =
                [.. before.Where((_, i) => i != 4), Under(
                    Node(before.Length, before[4].Domain, 1), new LayoutNode(TestKeys.Member(before.Length).Id, NodeMode.Active) { Place = before[4].Id })],
        };
        foreach ((string change, Member[] after) in changes)
        {
            long moved = 0;
            var held = new Dictionary<NodeId, (int Before, int After)>();
            for (int stripe = 0; stripe < stripes; stripe++)
            {
                HashSet<NodeId> old = Places(stripe, before), now = Places(stripe, after);
                moved += now.Count(id => !old.Contains(id));
                foreach (NodeId id in old)
                    held[id] = (held.GetValueOrDefault(id).Before + 1, held.GetValueOrDefault(id).After);
                foreach (NodeId id in now)
                    held[id] = (held.GetValueOrDefault(id).Before, held.GetValueOrDefault(id).After + 1);
            }
            long must = held.Values.Sum(pair => (long)Math.Max(0, pair.After - pair.Before));
            Assert.True(moved <= must * bound, $"{change}: {moved} of {stripes * Total} places moved, {must} had to");
            Assert.True(must > 0, change);
        }
    }

    private static HashSet<NodeId> Places(int stripe, Member[] members)
    {
        var view = new ClusterView(members, 1);
        return [.. Placement.Assign(TestKeys.Stripe(stripe), Total, members, view.SpreadOf(Total)).Select(m => m!.Id)];
    }

    private static Member Node(int number, string domain, long weight) => TestKeys.Member(number, domain, weight);

    private static Member Under(Member member, LayoutNode layout) => new(member.Record, member.State, member.Since, layout);

    private static Member[] Tree(int sites, int racks, int hosts) => TestKeys.Members(
        sites * racks * hosts, i => $"s{i % sites}/s{i % sites}r{i / sites % racks}/h{i}");
}
