using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Tests.Repairs;

/// <summary>What repair reads from, how fast, how long it says it will take, and which stripe it takes first.</summary>
public class RepairCostTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void The_nearest_source_is_the_cheapest_then_the_least_busy_then_the_fastest()
    {
        Member[] members =
        [
            TestKeys.Member(0, "oslo/r1/a"), TestKeys.Member(1, "oslo/r1/b"), TestKeys.Member(2, "oslo/r2/c"), TestKeys.Member(3, "oslo/r2/d"),
            TestKeys.Member(4, "rome/r1/e"),
        ];
        var load = new SourceLoad(members[0].Id, _time);
        int[] Order() => [.. load.Sort(members.Reverse(), "oslo/r1/a", member => Array.IndexOf(members, member)).Select(m => Array.IndexOf(members, m))];
        Assert.Equal([0, 1, 2, 3, 4], Order());

        long busy = load.Begin(members[2].Id);
        Assert.Equal([0, 1, 3, 2, 4], Order());
        _time.Advance(TimeSpan.FromSeconds(2));
        load.End(members[2].Id, busy, 1 << 20); // slow
        long quick = load.Begin(members[3].Id);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        load.End(members[3].Id, quick, 1 << 20);
        Assert.Equal([0, 1, 3, 2, 4], Order());
        for (int i = 0; i < 20; i++)
        {
            long failing = load.Begin(members[3].Id);
            _time.Advance(TimeSpan.FromMilliseconds(20));
            load.End(members[3].Id, failing, 0); // fast to fail
        }
        Assert.Equal([0, 1, 2, 3, 4], Order());
    }

    [Theory]
    [InlineData("a", "a", 1)]
    [InlineData("a/b", "a/c", 1)]
    [InlineData("a/b/c", "a/b/c", 3)]
    [InlineData("ab", "a", 0)]
    [InlineData("host:1", "host:2", 0)]
    [InlineData("", "", 0)]
    public void Domains_are_near_by_their_leading_parts(string left, string right, int parts) =>
        Assert.Equal(parts, SourceLoad.Nearness(left, right));

    [Fact]
    public async Task A_rate_that_is_raised_helps_who_waits_already()
    {
        var limiter = new RateLimiter(1000, _time);
        await limiter.AcquireAsync(1000, CancellationToken.None);
        Task waiting = limiter.AcquireAsync(60_000, CancellationToken.None).AsTask(); // a minute at this rate
        limiter.BytesPerSecond = 60_000;
        _time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(waiting.IsCompleted);
        for (int i = 0; i < 4; i++)
            _time.Advance(TimeSpan.FromMilliseconds(400));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Task unlimited = limiter.AcquireAsync(1L << 40, CancellationToken.None).AsTask();
        limiter.BytesPerSecond = 0;
        _time.Advance(TimeSpan.FromSeconds(1));
        await unlimited.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_rate_is_brought_within_its_limits()
    {
        var options = new RepairOptions { LeastBytesPerSecond = 100, MostBytesPerSecond = 1000 };
        Assert.Equal([100, 500, 1000, 1000], new long[] { 1, 500, 5000, 0 }.Select(options.ClampRate));
        Assert.Equal([100, 5000, 0], new long[] { 1, 5000, 0 }.Select((options with { MostBytesPerSecond = 0 }).ClampRate));
    }

    [Fact]
    public void The_time_that_is_left_follows_what_was_moved()
    {
        var progress = new RepairProgress(_time);
        Assert.Equal((0, 0, 0, 0), progress.Now(rateLimit: 500));
        progress.BeginMoving(10_000);
        Assert.Equal((10_000, 0, 500, 20), progress.Now(rateLimit: 500));
        Assert.Equal((10_000, 0, 0, -1), progress.Now(rateLimit: 0));
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Moved(4000);
        progress.Settle(5000); // it was estimated at more
        Assert.Equal((5000, 4000, 2000, 3), progress.Now(rateLimit: 500));
        progress.EndMoving();
        Assert.Equal((0, 0, 0, 0), progress.Now(rateLimit: 500));
        progress.BeginMoving(4000);
        Assert.Equal((4000, 0, 2000, 2), progress.Now(rateLimit: 500)); // as it went the last time
    }

    [Fact]
    public void A_stripe_in_few_domains_is_more_endangered_than_one_that_lacks_as_much_in_many()
    {
        Member[] members = TestKeys.Members(12, domain: i => $"rack-{i / 2}"); // two in a rack
        StripePlan spread = Plan(members, [0, 2, 4, 6, 8]);  // five blobs in five racks
        StripePlan crowded = Plan(members, [0, 1, 2, 4, 6]); // five blobs in four: with the first two are gone
        Assert.Equal((1, 1), (spread.Margin, crowded.Margin));
        Assert.Equal((1, 0), (spread.DomainMargin, crowded.DomainMargin));
        RepairJob[] jobs = [new(spread.DomainMargin, spread.Margin, TestKeys.Stripe(1), 0), new(crowded.DomainMargin, crowded.Margin, TestKeys.Stripe(2), 0)];
        Assert.Equal(TestKeys.Stripe(2), jobs.Min().Stripe);
        Assert.Equal(-1, Plan(members, [0, 2, 4]).DomainMargin);
    }

    private static StripePlan Plan(Member[] members, int[] holders)
    {
        var descriptor = new StripeDescriptor(2, [.. Enumerable.Range(0, 6).Select(i => TestKeys.Stripe(100 + i))], [100, 100, 100, 100]);
        var survey = new StripeSurvey(descriptor, Placement.Rank(descriptor.Id, members));
        for (int i = 0; i < holders.Length; i++)
        {
            var has = new bool[6];
            has[i] = true;
            survey.Answered(members[holders[i]], has);
        }
        return StripePlan.Create(survey, survey.Ranked, [], 6);
    }
}
