using Megatorrent.Cluster.Reputation;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Reputation;

/// <summary>The score, rule by rule; docs/spec/reputation.md, "Score".</summary>
public class TrustSolverTests
{
    // Members 0 to 9 are honest observers that are well known; 10 is good and 11 bad, and this node has seen neither.
    private const int Observers = 10, Good = 10, Bad = 11;

    [Fact]
    public void What_credible_members_say_of_a_stranger_is_believed()
    {
        double[] scores = Solve(Honest());
        Assert.True(scores[Good] > 0.8, $"{scores[Good]}");
        Assert.True(scores[Bad] < 0.2, $"{scores[Bad]}");
    }

    [Fact]
    public void Of_whom_nothing_is_known_nothing_is_thought() => Assert.Equal(TrustSolver.Prior, Solve([])[Good]);

    [Fact]
    public void Own_evidence_dominates()
    {
        double[] direct = Direct();
        double[] confidence = Confidence();
        direct[Bad] = 0.9; // this node has seen it serve well, whatever the others say
        confidence[Bad] = 0.8;
        double[] scores = new TrustSolver(direct, confidence, Honest(), 0.2).Solve();
        Assert.InRange(scores[Bad], 0.9 * 0.8, 0.9);
        Assert.True(scores[Bad] > 0.7);
    }

    [Fact]
    public void The_opinions_of_who_serves_badly_fade()
    {
        // As many as the honest ones, who have been seen to serve wrong blobs, and say the opposite.
        double[] direct = [.. Direct(), .. Enumerable.Repeat(0.1, 10)];
        double[] confidence = [.. Confidence(), .. Enumerable.Repeat(0.9, 10)];
        double[] scores = new TrustSolver(direct, confidence, [.. Honest(), .. Liars(12, 10)], 0.2).Solve();
        Assert.True(scores[Good] > 0.75 && scores[Bad] < 0.25, $"{scores[Good]} {scores[Bad]}");
    }

    [Fact]
    public void The_opinions_of_who_serves_well_and_lies_about_others_fade()
    {
        double[] direct = [.. Direct(), .. Enumerable.Repeat(0.95, 10)];
        double[] confidence = [.. Confidence(), .. Enumerable.Repeat(0.9, 10)];
        double[] scores = new TrustSolver(direct, confidence, [.. Honest(), .. Liars(12, 10, slander: true)], 0.2).Solve();
        Assert.True(scores[Good] > 0.75 && scores[Bad] < 0.25, $"{scores[Good]} {scores[Bad]}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nothing_that_a_member_says_changes_its_own_score(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        const int members = 24;
        double[] direct = Random(random, members), confidence = Random(random, members);
        TrustSolver.Observer[] observers =
        [
            .. Enumerable.Range(0, members).Select(i => new TrustSolver.Observer(
                i, random.Next(3) == 0, random.NextDouble(), Lines(random, members))),
        ];
        double[] before = new TrustSolver(direct, confidence, observers, 0.2).Solve();
        for (int member = 0; member < members; member++)
        {
            TrustSolver.Observer[] changed = [.. observers];
            changed[member] = observers[member] with { Lines = [.. Enumerable.Range(0, members).Select(j => (j, j == member ? 1.0 : random.NextDouble(), 1.0))] };
            double[] after = new TrustSolver(direct, confidence, changed, 0.2).Solve();
            Assert.True(before[member] == after[member], $"seed {seed}, member {member}: {before[member]} became {after[member]}");
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    [InlineData(1000)]
    public void Any_number_of_newcomers_has_a_bounded_share(int sybils)
    {
        double[] direct = [.. Direct(), .. Enumerable.Repeat(1.0, sybils)]; // they serve perfectly
        double[] confidence = [.. Confidence(), .. Enumerable.Repeat(0.5, sybils)];
        double[] without = Solve(Honest());
        IEnumerable<TrustSolver.Observer> liars = Liars(12, sybils).Select(static liar => liar with { IsNewcomer = true });
        double[] with = new TrustSolver(direct, confidence, [.. Honest(), .. liars], 0.2).Solve();
        Assert.InRange(without[Good] - with[Good], 0, 0.2);
        Assert.InRange(with[Bad] - without[Bad], 0, 0.2);

        // Alone they move a stranger from the prior by a fifth of the way at most.
        with = new TrustSolver(direct, confidence, liars, 0.2).Solve();
        Assert.InRange(with[Bad], TrustSolver.Prior, TrustSolver.Prior + 0.1);
        Assert.InRange(with[Good], TrustSolver.Prior - 0.1, TrustSolver.Prior);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Scores_stay_between_0_and_1_and_are_the_same_every_time(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        const int members = 200;
        double[] direct = Random(random, members), confidence = Random(random, members);
        TrustSolver.Observer[] observers =
            [.. Enumerable.Range(0, members).Select(i => new TrustSolver.Observer(i, i % 2 == 0, 1, Lines(random, members)))];
        double[] scores = new TrustSolver(direct, confidence, observers, 0.2).Solve();
        Assert.All(scores, score => Assert.InRange(score, 0, 1));
        Assert.Equal(scores, new TrustSolver(direct, confidence, observers, 0.2).Solve());
    }

    private static double[] Direct() => [.. Enumerable.Repeat(0.95, Observers - 2), 0.3, 0.3, 0.5, 0.5];

    private static double[] Confidence() => [.. Enumerable.Repeat(0.9, Observers), 0, 0];

    private static double[] Solve(IEnumerable<TrustSolver.Observer> observers) => new TrustSolver(Direct(), Confidence(), observers, 0.2).Solve();

    // They say of each other what this node has seen, too, and know the two strangers.
    private static IEnumerable<TrustSolver.Observer> Honest() => Enumerable.Range(0, Observers).Select(i => new TrustSolver.Observer(
        i, false, 1,
        [.. Enumerable.Range(0, Observers).Where(j => j != i).Select(j => (j, Direct()[j], 0.9)), (Good, 0.95, 0.9), (Bad, 0.05, 0.9)]));

    // The opposite of the truth about the two; about the others the truth, or with slander the opposite, too.
    private static IEnumerable<TrustSolver.Observer> Liars(int first, int count, bool slander = false) => Enumerable.Range(first, count).Select(
        i => new TrustSolver.Observer(
            i, false, 1,
            [.. Enumerable.Range(0, Observers).Select(j => (j, slander ? 1 - Direct()[j] : Direct()[j], 1.0)), (Good, 0.0, 1.0), (Bad, 1.0, 1.0)]));

    private static double[] Random(SeededRandomSource random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];

    private static (int Subject, double Score, double Confidence)[] Lines(SeededRandomSource random, int members) =>
        [.. Enumerable.Range(0, members).Where(_ => random.Next(2) == 0).Select(j => (j, random.NextDouble(), random.NextDouble()))];
}
