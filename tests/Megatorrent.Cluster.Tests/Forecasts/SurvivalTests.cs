using Megatorrent.Cluster.Forecast.Numerics;

namespace Megatorrent.Cluster.Tests.Forecasts;

public sealed class SurvivalTests
{
    // Weeks of remission of 21 patients under 6-mercaptopurine: Freireich and others (1963), the example of Cox and Oakes, "Analysis of
    // survival data" (1984), 1.1 and 4.2. Negative: still in remission.
    private static readonly int[] Remission = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35];

    // Millions of revolutions before 23 ball bearings failed: Lieblein and Zelen (1956), the example of Lawless, "Statistical models and
    // methods for lifetime data" (1982).
    private static readonly double[] Bearings =
    [
        17.88, 28.92, 33.00, 41.52, 42.12, 45.60, 48.48, 51.84, 51.96, 54.12, 55.56, 67.80, 68.64, 68.64, 68.88, 84.12, 93.12, 98.64,
        105.12, 105.84, 127.92, 128.04, 173.40,
    ];

    [Fact]
    public void KaplanMeierGivesTheTextbooksCurve()
    {
        (double Age, double AtRisk, double Survival, double Deviation)[] expected =
        [
            (6, 21, 0.8571, 0.0764), (7, 17, 0.8067, 0.0869), (10, 15, 0.7529, 0.0963), (13, 12, 0.6902, 0.1068),
            (16, 11, 0.6275, 0.1141), (22, 7, 0.5378, 0.1282), (23, 6, 0.4482, 0.1346),
        ];
        IReadOnlyList<SurvivalStep> steps = KaplanMeier.Estimate(Lifetimes());
        Assert.Equal(expected.Length, steps.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Age, steps[i].Age);
            Assert.Equal(expected[i].AtRisk, steps[i].AtRisk);
            Assert.Equal(expected[i].Survival, steps[i].Survival, 5e-5);
            Assert.Equal(expected[i].Deviation, steps[i].Deviation, 6e-5);
        }
    }

    [Fact]
    public void WeibullFitsTheBallBearingsAsPublished()
    {
        Weibull fit = Weibull.Fit([.. Bearings.Select(age => new Lifetime(age, true))]);
        Assert.Equal(2.102, fit.Shape, 0.001);
        Assert.Equal(81.88, fit.Scale, 0.01);
    }

    [Fact]
    public void WeibullOfCensoredLifetimesIsAMaximumOfTheLikelihood()
    {
        Lifetime[] lives = Lifetimes();
        Weibull fit = Weibull.Fit(lives);
        double best = LogLikelihood(lives, fit);
        foreach ((double shape, double scale) in new[] { (1.02, 1.0), (0.98, 1.0), (1.0, 1.02), (1.0, 0.98), (1.01, 0.99) })
            Assert.True(LogLikelihood(lives, new Weibull(fit.Shape * shape, fit.Scale * scale)) < best);
    }

    [Fact]
    public void AWeightCountsAsSoMany()
    {
        Lifetime[] once = Lifetimes();
        Weibull doubled = Weibull.Fit([.. once, .. once]);
        Weibull weighted = Weibull.Fit([.. once.Select(life => life with { Weight = 2 })]);
        Assert.Equal(doubled.Shape, weighted.Shape, 1e-9);
        Assert.Equal(doubled.Scale, weighted.Scale, 1e-6);
    }

    [Fact]
    public void UnderAConstantHazardAgeSaysNothing()
    {
        var constant = new Weibull(1, 1000);
        Assert.Equal(1 - Math.Exp(-0.03), constant.FailureWithin(0, 30), 1e-12);
        Assert.Equal(constant.FailureWithin(0, 30), constant.FailureWithin(5000, 30), 1e-12);
        Assert.Equal(1 - Math.Exp(-0.3), constant.FailureWithin(77, 30, 10), 1e-12);
    }

    [Fact]
    public void WearMakesTheOldRiskier() =>
        Assert.True(new Weibull(3, 1000).FailureWithin(900, 30) > 5 * new Weibull(3, 1000).FailureWithin(100, 30));

    [Fact]
    public void NothingFailedIsNoFit()
    {
        Assert.Throws<ArgumentException>(() => Weibull.Fit([new Lifetime(3, false)]));
        Assert.Throws<ArgumentException>(() => Weibull.Fit([new Lifetime(0, true)]));
    }

    private static Lifetime[] Lifetimes() => [.. Remission.Select(weeks => new Lifetime(Math.Abs(weeks), weeks > 0))];

    private static double LogLikelihood(Lifetime[] lives, Weibull at) => lives.Sum(life => life.Weight * ((life.Failed
        ? Math.Log(at.Shape / at.Scale) + (at.Shape - 1) * Math.Log(life.Age / at.Scale) : 0) - at.Hazard(life.Age)));
}
