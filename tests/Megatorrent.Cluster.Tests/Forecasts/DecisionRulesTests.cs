using Megatorrent.Cluster.Forecast;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Forecasts;

public sealed class DecisionRulesTests
{
    private const long Hour = ForecastState.HourMs;
    private const long Capacity = 1_000_000_000_000;

    [Fact]
    public void NothingIsDecidedBeforeThreeDaysOfHistory()
    {
        SampleSeries history = History(71, static h => 5e11 + h * 1e10);
        Assert.Null(DecisionRules.Weigh(history, 71 * Hour, Weights()));
        Assert.Null(DecisionRules.PaceScrub(history, 71 * Hour, Scrub(24 * 3600)));
        Assert.NotNull(DecisionRules.Weigh(History(72, static h => 5e11 + h * 1e10), 72 * Hour, Weights()));
    }

    [Fact]
    public void ADiskThatWillFillLosesWeightBeforeItDoes()
    {
        // 60 % full, and 0.3 % more each hour: past 90 % in four days.
        SampleSeries history = History(96, static h => 6e11 - (96 - h) * 3e9);
        Decision decision = DecisionRules.Weigh(history, 96 * Hour, Weights())!;
        Assert.InRange(decision.Forecast["full-in-hours"], 90, 102);
        Assert.InRange(decision.Outcome, 500_000, 700_000);
        Assert.Equal(900_000_000_000, decision.Bound);
    }

    [Fact]
    public void AFullishDiskThatHardlyGrowsKeepsItsWeight()
    {
        SampleSeries history = History(300, static h => 8.6e11 + h * 1e6 + 1e9 * Math.Sin(2 * Math.PI * h / 24));
        Decision decision = DecisionRules.Weigh(history, 300 * Hour, Weights())!;
        Assert.Equal(-1, decision.Forecast["full-in-hours"]);
        Assert.Equal(DecisionRules.Whole, decision.Outcome);
    }

    [Fact]
    public void AWeightFallsStepByStepAndRisesOnlyWhereItWouldNotFallAgain()
    {
        SampleSeries growing = History(96, static h => 6e11 - (96 - h) * 3e9);
        Assert.Equal(500_000, DecisionRules.Weigh(growing, 96 * Hour, Weights(500_000, changedHour: 91))!.Outcome); // too soon
        Assert.True(DecisionRules.Weigh(growing, 96 * Hour, Weights(500_000, changedHour: 90))!.Outcome < 500_000);
        Assert.Equal(50_000, DecisionRules.Weigh(growing, 96 * Hour, Weights(60_000))!.Outcome); // the floor
        SampleSeries resting = History(96, static _ => 6e11);
        Assert.Equal(625_000, DecisionRules.Weigh(resting, 96 * Hour, Weights(500_000))!.Outcome);
        Assert.Equal(500_000, DecisionRules.Weigh(resting, 96 * Hour, Weights(500_000, changedHour: 80))!.Outcome);
        Assert.Equal(500_000, DecisionRules.Weigh(History(96, static _ => 8.9e11), 96 * Hour, Weights(500_000))!.Outcome); // too near
    }

    [Fact]
    public void AScrubKeepsOutOfThePeakAndEndsInTime()
    {
        static double Load(int h) => 4e9 * (1 + 0.9 * Math.Sin(2 * Math.PI * h / 24)); // bytes an hour
        double sum = 0, atPeak = 0, atTrough = 0;
        var history = new SampleSeries(Hour, 1440);
        for (int h = 0; h < 24 * 10; h++)
        {
            if (h >= 24 * 9)
            {
                long rate = DecisionRules.PaceScrub(history, h * Hour, Scrub(20_000_000_000 - (long)sum, 24 - h % 24))!.Outcome;
                sum += rate * 3600.0;
                atPeak = h % 24 == 6 ? rate : atPeak;
                atTrough = h % 24 == 18 ? rate : atTrough;
            }
            history.Add(h * Hour, 0, (long)Load(h), 0);
        }
        Assert.True(sum >= 0.999 * 20e9, $"{sum} bytes");
        Assert.True(atTrough > 2 * atPeak, $"{atPeak} at the peak, {atTrough} at the trough");
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    public void APlanIsNeverBelowWhatIsNeededNorOutsideItsBounds(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        for (int round = 0; round < 200; round++)
        {
            double[] load = [.. Enumerable.Range(0, 24).Select(_ => 100 * random.NextDouble())];
            double floor = 5 * random.NextDouble(), ceiling = floor + 50 * random.NextDouble(), needed = 1000 * random.NextDouble();
            double[] rates = RatePlan.Fill(load, needed, floor, ceiling);
            Assert.All(rates, rate => Assert.InRange(rate, floor, ceiling));
            Assert.True(rates.Sum() >= Math.Min(needed, 24 * ceiling) * (1 - 1e-6), $"seed {seed}, round {round}");
            Assert.True(rates.Sum() <= Math.Max(needed, 24 * floor) * (1 + 1e-6) + 1e-6, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void DamageMakesAMemberLikelyToFailUntilItIsForgotten()
    {
        long now = 1000 * Hour;
        MemberLife[] lives = [.. Enumerable.Range(1, 6).Select(i => Life(i, 0, 0, false))];
        Assert.Equal(0, DecisionRules.Risk(lives, now, [], Risk(damage: 0)).Outcome);
        Decision damaged = DecisionRules.Risk(lives, now, [], Risk(damage: 1));
        Assert.Equal(1, damaged.Outcome);
        Assert.InRange(damaged.Forecast["risk"], 50_000, 300_000);
        Assert.Equal(0, DecisionRules.Risk(lives, now, [], Risk(damage: 0, was: 1)).Outcome);
    }

    [Fact]
    public void FailuresThatWereSeenRaiseTheRiskOfTheRest()
    {
        long now = 10_000 * Hour;
        MemberLife[] lives = [.. Enumerable.Range(1, 12).Select(i => Life(i, 0, i <= 6 ? (500 + i) * Hour : 0, i <= 6))];
        long seen = DecisionRules.Risk(lives, now, [], Risk(damage: 0)).Forecast["risk"];
        long unseen = DecisionRules.Risk(lives[6..], now, [], Risk(damage: 0)).Forecast["risk"];
        Assert.True(seen > 3 * unseen, $"{seen} and {unseen} in a million");
    }

    [Fact]
    public void EveryDecisionComesOutTheSameFromTheRecordedHistory()
    {
        var state = new ForecastState { BornMs = 1 };
        for (int h = 0; h < 400; h++)
            state.Hourly.Add(h * Hour, (long)(5e11 + 1e9 * h), (long)(1e9 * (2 + Math.Sin(2 * Math.PI * h / 24))), 0);
        state.Members[Life(1, 0, 0, false).Id] = Life(1, 0, 0, false);
        state.Log(DecisionRules.Weigh(state.Hourly, 300 * Hour, Weights())!);
        state.Log(DecisionRules.PaceScrub(state.Hourly, 350 * Hour, Scrub(1_000_000_000))!);
        state.Log(DecisionRules.Risk(state.Members.Values, 350 * Hour, [], Risk(damage: 2)));
        ForecastState read = ForecastState.Decode(state.Encode());
        Assert.Equal(3, read.Decisions.Count);
        foreach (Decision logged in read.Decisions)
            Assert.True(DecisionRules.Again(read, logged)!.SameAs(logged), logged.Kind.ToString());
        Decision forged = read.Decisions[0] with { Outcome = 1 };
        Assert.False(DecisionRules.Again(read, forged)!.SameAs(forged));
    }

    private static MemberLife Life(int number, long first, long end, bool failed) =>
        new(Support.TestKeys.Identity(number).Id, first, end, failed);

    private static SampleSeries History(int hours, Func<int, double> used)
    {
        var history = new SampleSeries(Hour, 1440);
        for (int h = 0; h < hours; h++)
            history.Add(h * Hour + Hour / 2, (long)used(h), 0, 0);
        return history;
    }

    private static StatusNumbers Weights(long weight = DecisionRules.Whole, int changedHour = 0) => new()
    {
        ["changed"] = changedHour * Hour,
        ["floor"] = 50_000,
        ["horizon"] = 168,
        ["limit"] = Capacity / 10 * 9,
        ["weight"] = weight,
    };

    private static StatusNumbers Scrub(long bytes, int left = 24) => new()
    {
        ["bytes"] = bytes,
        ["ceiling"] = 10_000_000,
        ["floor"] = 1000,
        ["left"] = left,
    };

    private static StatusNumbers Risk(long damage, int was = 0) => new()
    {
        ["age"] = 5000,
        ["bound"] = 50_000,
        ["damage"] = damage,
        ["period"] = 720,
        ["was"] = was,
    };
}
