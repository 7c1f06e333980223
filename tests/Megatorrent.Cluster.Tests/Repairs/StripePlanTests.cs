using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Repairs;

public class StripePlanTests
{
    private static readonly StripeDescriptor FourPlusTwo = Descriptor(4, 2);
    private static readonly StripeDescriptor OnePlusTwo = Descriptor(1, 2);

    [Fact]
    public void A_full_stripe_is_healthy()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(6));
        c.HoldOneEach();
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Healthy, 2, 0), (plan.Verdict, plan.Margin, plan.Work.Count));
    }

    [Fact]
    public void What_only_a_member_holds_that_is_likely_to_fail_is_copied_while_it_lives()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(8));
        c.HoldOneEach();
        c.LikelyToFail = [c.Ranked[2].Id, c.Ranked[6].Id];
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Healthy, 2, 1), (plan.Verdict, plan.Margin, plan.Shaky));
        (int index, Member target) = Assert.Single(plan.Work);
        Assert.Equal((2, c.Ranked[7].Id), (index, target.Id)); // not on another that is likely to fail
        c.Hold(2, c.Ranked[7]);
        StripePlan after = c.Plan();
        Assert.Equal((0, 0), (after.Shaky, after.Work.Count));
    }

    [Fact]
    public void Where_no_place_is_left_a_member_that_is_likely_to_fail_changes_nothing()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(6));
        c.HoldOneEach();
        c.LikelyToFail = [c.Ranked[2].Id];
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Healthy, 0), (plan.Verdict, plan.Work.Count));
    }

    [Fact]
    public void A_missing_blob_goes_to_the_member_that_holds_none()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(6));
        c.HoldOneEach(except: 3);
        StripePlan plan = c.Plan();
        Assert.Equal(StripeVerdict.Endangered, plan.Verdict);
        Assert.Equal(1, plan.Margin);
        (int index, Member target) = Assert.Single(plan.Work);
        Assert.Equal((3, c.Ranked[3].Id), (index, target.Id));
    }

    [Fact]
    public void A_shortage_of_domains_waits_rather_than_doubling_up()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(6), dead: 1);
        c.HoldOneEach(except: 5); // the dead member's
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Waiting, 1, 0), (plan.Verdict, plan.Margin, plan.Work.Count));
    }

    [Fact]
    public void Two_dead_and_two_fresh_make_it_whole()
    {
        Member[] members = TestKeys.Members(8);
        Case c = new(FourPlusTwo, members, dead: 2);
        for (int i = 0; i < 4; i++)
            c.Hold(i, c.Ranked[i]);
        StripePlan plan = c.Plan();
        Assert.Equal(StripeVerdict.Endangered, plan.Verdict);
        Assert.Equal(0, plan.Margin);
        Assert.Equal([4, 5], plan.Work.Select(work => work.Index).Order());
        Assert.Equal(c.Ranked.Skip(4).Select(m => m.Id).Order(), plan.Work.Select(work => work.Target.Id).Order());
    }

    [Fact]
    public void A_member_within_its_grace_time_excuses_what_it_may_hold()
    {
        Member[] members = TestKeys.Members(7);
        Member away = Ideal(FourPlusTwo, members)[2]!;
        Case c = new(FourPlusTwo, [.. members.Where(m => m.Id != away.Id)], domains: 7) { Excused = [away] };
        c.HoldIdeal(members);
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Waiting, 1, 0), (plan.Verdict, plan.Margin, plan.Work.Count));
        c.Excused = [];
        Assert.Equal(2, Assert.Single(c.Plan().Work).Index); // its grace time is over
    }

    [Fact]
    public void A_member_that_would_hold_nothing_excuses_nothing()
    {
        Member[] members = TestKeys.Members(8);
        Member?[] ideal = Ideal(FourPlusTwo, members);
        Member away = members.First(m => ideal.All(place => place!.Id != m.Id));
        Case c = new(FourPlusTwo, [.. members.Where(m => m.Id != away.Id)], domains: 8) { Excused = [away] };
        c.HoldIdeal(members, except: 4);
        Assert.Equal(4, Assert.Single(c.Plan().Work).Index);
    }

    [Fact]
    public void What_is_missing_beyond_the_excuse_is_restored_at_once()
    {
        Member[] members = TestKeys.Members(8);
        Member away = Ideal(FourPlusTwo, members)[1]!;
        Case c = new(FourPlusTwo, [.. members.Where(m => m.Id != away.Id)], domains: 8) { Excused = [away] };
        c.HoldIdeal(members, except: 4); // 1 is away with its member, 4 was dropped by a living one's scrub
        StripePlan plan = c.Plan();
        Assert.Equal(4, Assert.Single(plan.Work).Index);
        Assert.NotEqual(away.Domain, plan.Work[0].Target.Domain);
    }

    [Fact]
    public void A_second_copy_of_a_blob_takes_nobodys_place()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(6));
        c.HoldOneEach(except: 5);
        c.Hold(0, c.Ranked[5]); // a stale view once rebuilt blob 0 here
        (int index, Member target) = Assert.Single(c.Plan().Work);
        Assert.Equal((5, c.Ranked[5].Id), (index, target.Id));
    }

    [Fact]
    public void Holders_are_matched_so_that_all_find_a_place()
    {
        // 0 on A and B, 1 on A only: 0 must count for B, or 1 would look crowded.
        Case c = new(FourPlusTwo, TestKeys.Members(6));
        c.Hold(0, c.Ranked[0]);
        c.Hold(0, c.Ranked[1]);
        c.Hold(1, c.Ranked[0]);
        for (int i = 2; i < 6; i++)
            c.Hold(i, c.Ranked[i]);
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Healthy, 0), (plan.Verdict, plan.Work.Count));
    }

    [Fact]
    public void A_stripe_that_was_put_on_three_nodes_spreads_when_there_are_six()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(6));
        for (int i = 0; i < 6; i++)
            c.Hold(i, c.Ranked[i % 3]);
        StripePlan plan = c.Plan();
        Assert.Equal(StripeVerdict.Healthy, plan.Verdict); // nothing is missing
        Assert.Equal(3, plan.Work.Count);
        Assert.Equal(c.Ranked.Skip(3).Select(m => m.Id).Order(), plan.Work.Select(work => work.Target.Id).Order());
    }

    [Fact]
    public void Members_of_one_domain_share_its_quota()
    {
        Member[] members = TestKeys.Members(6, i => $"rack-{i / 2}"); // three domains: two blobs each
        Case c = new(FourPlusTwo, members, domains: 3);
        c.HoldOneEach(except: 4);
        Member spare = c.Ranked[4];
        (int index, Member target) = Assert.Single(c.Plan().Work);
        Assert.Equal((4, spare.Domain), (index, target.Domain));
        Assert.Equal(spare.Id, target.Id); // in the domain, the one that holds none
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void Fewer_than_k_blobs_cannot_be_repaired(int holders, bool lost)
    {
        Case c = new(FourPlusTwo, [.. TestKeys.Members(6).Take(holders)], domains: 6);
        for (int i = 0; i < holders; i++)
            c.Hold(i, c.Ranked[i]);
        StripePlan plan = c.Plan();
        Assert.Equal(
            (lost ? StripeVerdict.Unrecoverable : StripeVerdict.Waiting, holders - 4, 0), (plan.Verdict, plan.Margin, plan.Work.Count));
    }

    [Fact]
    public void Fewer_than_k_wait_when_those_away_would_make_up_for_it()
    {
        Member[] members = TestKeys.Members(6);
        Member?[] ideal = Ideal(FourPlusTwo, members);
        Member[] away = [ideal[0]!, ideal[1]!, ideal[2]!];
        Case c = new(FourPlusTwo, [.. members.Except(away)], domains: 6) { Excused = away };
        c.HoldIdeal(members);
        Assert.Equal(StripeVerdict.Waiting, c.Plan().Verdict);
    }

    [Fact]
    public void Copies_go_to_further_members_on_further_domains()
    {
        Member[] members = TestKeys.Members(8, i => $"rack-{i / 2}");
        Case c = new(OnePlusTwo, members, domains: 4);
        c.Hold(0, c.Ranked[1]);
        StripePlan plan = c.Plan();
        Assert.Equal((StripeVerdict.Endangered, 0), (plan.Verdict, plan.Margin));
        Assert.Equal(2, plan.Work.Count);
        Assert.Equal(3, plan.Work.Select(work => work.Target.Domain).Append(c.Ranked[1].Domain).Distinct().Count());
    }

    [Fact]
    public void Two_copies_in_one_domain_count_as_one()
    {
        Member[] members = TestKeys.Members(8, i => $"rack-{i / 2}");
        Case c = new(OnePlusTwo, members, domains: 4);
        Member first = c.Ranked[0];
        c.Hold(0, first);
        c.Hold(0, members.First(m => m.Domain == first.Domain && m.Id != first.Id));
        c.Hold(0, c.Ranked[1]);
        StripePlan plan = c.Plan();
        Assert.Equal(c.Ranked[2].Id, Assert.Single(plan.Work).Target.Id);
    }

    [Fact]
    public void More_copies_than_members_wait()
    {
        Case c = new(OnePlusTwo, TestKeys.Members(2));
        c.Hold(0, c.Ranked[0]);
        c.Hold(0, c.Ranked[1]);
        Assert.Equal((StripeVerdict.Waiting, 0), (c.Plan().Verdict, c.Plan().Work.Count));
    }

    [Fact]
    public void A_blob_that_nobody_holds_any_more_is_lost() =>
        Assert.Equal(StripeVerdict.Unrecoverable, new Case(OnePlusTwo, TestKeys.Members(3)).Plan().Verdict);

    [Fact]
    public void A_copy_within_grace_is_excused()
    {
        Member[] members = TestKeys.Members(5);
        Member away = Ideal(OnePlusTwo, members)[0]!;
        Case c = new(OnePlusTwo, [.. members.Where(m => m.Id != away.Id)], domains: 5) { Excused = [away] };
        c.HoldIdeal(members);
        Assert.Equal((StripeVerdict.Waiting, 0), (c.Plan().Verdict, c.Plan().Work.Count));
        c.Excused = [];
        Assert.Single(c.Plan().Work);
    }

    [Fact]
    public void A_wide_stripe_keeps_to_its_quota()
    {
        StripeDescriptor wide = Descriptor(29, 51);
        Member[] members = TestKeys.Members(6);
        Case c = new(wide, members);
        Member?[] ideal = Ideal(wide, members);
        for (int i = 0; i < 80; i++)
        {
            if (ideal[i]!.Id != members[2].Id)
                c.Hold(i, ideal[i]!);
        }
        StripePlan plan = c.Plan();
        Assert.InRange(plan.Work.Count, 13, 14);
        var perMember = new Dictionary<NodeId, int>();
        foreach (Member? place in ideal.Where(place => place!.Id != members[2].Id).Concat(plan.Work.Select(work => (Member?)work.Target)))
            perMember[place!.Id] = perMember.GetValueOrDefault(place.Id) + 1;
        Assert.All(perMember.Values, count => Assert.InRange(count, 13, 14));
    }

    [Fact]
    public void A_member_without_room_is_passed_over()
    {
        Case c = new(FourPlusTwo, TestKeys.Members(8));
        c.HoldOneEach(except: 5);
        Member first = c.Plan().Work[0].Target;
        c.Takers = [.. c.Ranked.Where(m => m.Id != first.Id)];
        Assert.NotEqual(first.Id, Assert.Single(c.Plan().Work).Target.Id);
    }

    private static Member?[] Ideal(StripeDescriptor descriptor, Member[] members) => Placement.Assign(
        descriptor.Id, descriptor.TotalBlobs, members, members.Select(m => m.Domain).Distinct().Count(), descriptor.IsReplication);

    private static StripeDescriptor Descriptor(int data, int parity)
    {
        BlobId[] ids = [.. Enumerable.Range(0, data == 1 ? 1 : data + parity).Select(i => TestKeys.Stripe(1000 * data + i))];
        return new StripeDescriptor(parity, ids, Enumerable.Repeat(100, data).ToArray());
    }

    private sealed class Case
    {
        private readonly StripeSurvey _survey;
        private readonly Dictionary<NodeId, (Member Member, bool[] Has)> _held = [];
        private readonly int _domains;

        /// <param name="descriptor">The stripe.</param>
        /// <param name="members">The members; the last ranked are dead.</param>
        /// <param name="dead">How many.</param>
        /// <param name="domains">Domains known; by default one a member.</param>
        public Case(StripeDescriptor descriptor, Member[] members, int dead = 0, int? domains = null)
        {
            Ranked = [.. Placement.Rank(descriptor.Id, members).SkipLast(dead)];
            Takers = [.. Ranked];
            _domains = domains ?? members.Length;
            _survey = new StripeSurvey(descriptor, Ranked);
        }

        public IReadOnlyList<Member> Ranked { get; }

        public Member[] Takers { get; set; }

        public Member[] Excused { get; set; } = [];

        public HashSet<NodeId> LikelyToFail { get; set; } = [];

        public void Hold(int index, Member member)
        {
            if (!_held.TryGetValue(member.Id, out (Member Member, bool[] Has) held))
                _held.Add(member.Id, held = (member, new bool[_survey.Descriptor.Ids.Length]));
            held.Has[index] = true;
        }

        public void HoldOneEach(int except = -1)
        {
            for (int i = 0; i < _survey.Descriptor.Ids.Length && i < Ranked.Count; i++)
            {
                if (i != except)
                    Hold(i, Ranked[i]);
            }
        }

        /// <summary>Every blob where all the members together would put it, as far as that member is living.</summary>
        public void HoldIdeal(Member[] members, int except = -1)
        {
            Member?[] ideal = Ideal(_survey.Descriptor, members);
            for (int i = 0; i < ideal.Length; i++)
            {
                if (i != except && Ranked.Any(m => m.Id == ideal[i]!.Id))
                    Hold(_survey.Descriptor.IsReplication ? 0 : i, ideal[i]!);
            }
        }

        public StripePlan Plan()
        {
            foreach ((Member member, bool[] has) in _held.Values.Where(held => !_survey.WasAsked(held.Member.Id)).ToArray())
                _survey.Answered(member, has);
            return StripePlan.Create(_survey, Takers, Excused, _domains, LikelyToFail);
        }
    }
}
