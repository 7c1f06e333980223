using Megatorrent.Cluster.Forecast.Numerics;
using Megatorrent.Core;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Forecast;

/// <summary>What a node's folder says of its history, its forecasts and its decisions, every one of which is made again. Immutable.</summary>
public sealed class ForecastReport
{
    private const double BothSides = 1.96; // deviations to each side of a 95 % interval

    private ForecastReport(ForecastState state)
    {
        HistoryHours = state.Hourly.Samples.Count;
        WeightPpm = state.WeightPpm;
        long until = HistoryHours == 0 ? 0 : state.Hourly.Samples[^1].StartMs;
        LastSample = DateTimeOffset.FromUnixTimeMilliseconds(until);
        UsedBytes = HistoryHours == 0 ? 0 : state.Hourly.Samples[^1].UsedBytes;
        Stored = Points(state.Hourly.Values(until, DecisionRules.HoursMax, static sample => sample.UsedBytes), [1, 6, 24, 72, 168, 336]);
        Traffic = Points(
            state.Hourly.Values(until, DecisionRules.HoursMax, static sample => sample.ForegroundBytes), [.. Enumerable.Range(1, 24)]);
        Members = state.Members.Count;
        Failures = state.Members.Values.Count(static life => life.Failed);
        Weibull fit = Weibull.Fit(DecisionRules.Observe(state.Members.Values, until));
        (LifeShape, LifeScaleHours) = (fit.Shape, fit.Scale);
        IReadOnlyList<SurvivalStep> steps = KaplanMeier.Estimate(DecisionRules.Observe(state.Members.Values, until).Skip(DecisionRules.PriorLives));
        ObservedSurvival = steps.Count == 0 ? 1 : steps[^1].Survival;
        Decisions = [.. state.Decisions.Select(decision => Replay(state, decision))];
    }

    /// <summary>Hours of history.</summary>
    public int HistoryHours { get; }

    /// <summary>Hours without which nothing is forecast or decided.</summary>
    public static int HistoryHoursNeeded => DecisionRules.HoursMin;

    /// <summary>The beginning of the last hour of the history.</summary>
    public DateTimeOffset LastSample { get; }

    /// <summary>Bytes that the store took then.</summary>
    public long UsedBytes { get; }

    /// <summary>The share of its weight that the node advertises, in millionths.</summary>
    public long WeightPpm { get; }

    /// <summary>Bytes that the store will take; empty while there is too little history.</summary>
    public IReadOnlyList<ForecastPoint> Stored { get; }

    /// <summary>Bytes that clients will read and write in each of the coming hours; empty while there is too little history.</summary>
    public IReadOnlyList<ForecastPoint> Traffic { get; }

    /// <summary>Members whose lives are known.</summary>
    public int Members { get; }

    /// <summary>Of these, died and forgotten.</summary>
    public int Failures { get; }

    /// <summary>The shape of the Weibull distribution of lifetimes, prior and members together.</summary>
    public double LifeShape { get; }

    /// <summary>Its scale, in hours.</summary>
    public double LifeScaleHours { get; }

    /// <summary>The share of members that outlived the last failure, by Kaplan and Meier, without the prior.</summary>
    public double ObservedSurvival { get; }

    /// <summary>What was decided, oldest first.</summary>
    public IReadOnlyList<LoggedDecision> Decisions { get; }

    /// <summary>Reads a node's folder.</summary>
    /// <param name="files">Where files live.</param>
    /// <param name="directory">The folder.</param>
    /// <exception cref="MegatorrentException">NotFound: the node has no history yet. Malformed: it cannot be used. InputOutput.</exception>
    public static ForecastReport Read(IFileSystem files, string directory)
    {
        ArgumentNullException.ThrowIfNull(files);
        return new ForecastReport(new ForecastFile(files, directory).Read() ?? throw new MegatorrentException(
            ErrorKind.NotFound, $"There is no history in {directory}; a node writes it within a quarter of an hour of its start."));
    }

    private static ForecastPoint[] Points(double[] series, int[] hours)
    {
        if (DecisionRules.Model(series) is not { } model)
            return [];
        return [.. hours.Select(h =>
        {
            double mean = model.Expect(h), margin = BothSides * model.DeviationOf(h);
            return new ForecastPoint(h, Round(mean), Round(mean - margin), Round(mean + margin));
        })];
    }

    private static long Round(double value) => (long)Math.Round(Math.Clamp(value, 0, 9e18));

    private static LoggedDecision Replay(ForecastState state, Decision logged)
    {
        Decision? again = DecisionRules.Again(state, logged);
        ReplayVerdict verdict = again is null || !again.InputsHash.AsSpan().SequenceEqual(logged.InputsHash) ? ReplayVerdict.HistoryGone
            : again.SameAs(logged) ? ReplayVerdict.Equal
            : ReplayVerdict.Different;
        string kind = logged.Kind switch
        {
            DecisionKind.Weight => "weight",
            DecisionKind.ScrubRate => "scrub-rate",
            DecisionKind.Risk => "risk",
            _ => "unknown",
        };
        return new LoggedDecision(
            DateTimeOffset.FromUnixTimeMilliseconds(logged.TimeMs), kind, Convert.ToHexStringLower(logged.Subject),
            Convert.ToHexStringLower(logged.InputsHash), logged.Inputs.ToDictionary(), logged.Forecast.ToDictionary(), logged.Bound,
            logged.Outcome, verdict);
    }
}
