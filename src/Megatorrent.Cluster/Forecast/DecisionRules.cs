using System.Buffers.Binary;
using Megatorrent.Cluster.Forecast.Numerics;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Forecast;

/// <summary>
/// The decisions as pure functions of a history, a time and a few numbers: the same give the same, so that a decision can be replayed
/// (docs/spec/forecast.md, "Decisions").
/// </summary>
internal static class DecisionRules
{
    /// <summary>All, in millionths.</summary>
    public const long Whole = 1_000_000;

    /// <summary>Whole hours of history before anything is decided: three days, two to learn the day from and one to judge by.</summary>
    public const int HoursMin = 72;

    /// <summary>Whole hours before the week is a season too: two weeks to learn it from and a day.</summary>
    public const int WeeklyHoursMin = 2 * Week + Day;

    /// <summary>Hours that a decision looks back over: four weeks. The history is longer, so that a month of decisions can be replayed.</summary>
    public const int HoursMax = 4 * Week;

    private const int Day = 24;
    private const int Week = 7 * Day;
    private const double UpperDeviations = 1.645;   // one-sided 95 %
    private const double StepDown = 0.5;            // a weight is at least halved at once, at most
    private const double StepUp = 1.25;
    private const double RaiseShare = 0.95;         // of the limit: what is raised must stay this far below it
    private const long LowerPauseMs = 6 * ForecastState.HourMs;  // for what a step did to be seen before the next
    private const long RaisePauseMs = 24 * ForecastState.HourMs; // raising is never urgent

    // Two disks' worth of evidence that 4 % fail in the first year (Schroeder and Gibson, "Disk failures in the real world", 2007: 2 to 4 %
    // a year and more, and a hazard that rises with age), spread over so many quantiles that a fit of them alone has the prior's shape.
    private const double PriorShape = 1.1;
    private const double PriorAnnual = 0.04;
    internal const int PriorLives = 32;
    private const double PriorWeight = 2.0 / PriorLives;
    private const double YearHours = 8766;

    // Pinheiro, Weber and Barroso, "Failure trends in a large disk drive population" (2007), 3.5.1: within 60 days of a first scan error a
    // disk is 39 times more likely to fail than one without.
    private const double DamageFactor = 39;

    /// <summary>A forecast of the hourly history before a time; null while there is too little of it.</summary>
    /// <param name="series">Whole hours.</param>
    public static HoltWinters? Model(double[] series) =>
        series.Length < HoursMin ? null : HoltWinters.Fit(series, Day, series.Length >= WeeklyHoursMin ? Week : 0);

    /// <summary>
    /// The share of its weight that a node should advertise: less where the upper bound of the forecast of stored bytes reaches the limit
    /// within the horizon, more where it would stay below the limit with more.
    /// </summary>
    /// <param name="hourly">The history.</param>
    /// <param name="timeMs">Now.</param>
    /// <param name="inputs">`changed`, `floor`, `horizon`, `limit`, `weight`.</param>
    /// <returns>Null while there is too little history.</returns>
    public static Decision? Weigh(SampleSeries hourly, long timeMs, StatusNumbers inputs)
    {
        double[] series = hourly.Values(timeMs, HoursMax, static sample => sample.UsedBytes);
        if (Model(series) is not { } model)
            return null;
        int horizon = (int)Math.Clamp(inputs["horizon"], 1, 24 * 60);
        double limit = inputs["limit"], used = series[^1], upper = 0, mean = 0;
        long fullIn = -1;
        for (int h = 1; h <= horizon; h++)
        {
            mean = Math.Max(0, model.Expect(h));
            upper = mean + UpperDeviations * model.DeviationOf(h);
            if (upper >= limit && fullIn < 0)
                fullIn = h;
        }
        long weight = inputs["weight"], decided = weight;
        long since = timeMs - inputs["changed"];
        double growth = Math.Max(1, upper - used);
        if (fullIn >= 0 && since >= LowerPauseMs)
        {
            double fits = Math.Clamp((limit - used) / growth, StepDown, 0.95); // growth is as the weight, so this much of it would fit
            decided = Math.Max(inputs["floor"], (long)(weight * fits));
        }
        else if (fullIn < 0 && weight < Whole && since >= RaisePauseMs && used + growth * StepUp < RaiseShare * limit)
        {
            decided = Math.Min(Whole, (long)(weight * StepUp));
        }
        return new Decision
        {
            TimeMs = timeMs,
            Kind = DecisionKind.Weight,
            InputsHash = HashOf(DecisionKind.Weight, inputs, series),
            Inputs = inputs,
            Forecast = new StatusNumbers
            {
                ["full-in-hours"] = fullIn,
                ["mean"] = Whole64(mean),
                ["upper"] = Whole64(upper),
                ["used"] = Whole64(used),
            },
            Bound = inputs["limit"],
            Outcome = decided,
        };
    }

    /// <summary>
    /// How fast to scrub in the coming hour, so that the store is read within the pass and the hours of the least load carry most of it:
    /// every hour is filled up to one level (water-filling), between floor and ceiling.
    /// </summary>
    /// <param name="hourly">The history.</param>
    /// <param name="timeMs">Now.</param>
    /// <param name="inputs">`bytes` still to be read in the pass, `ceiling`, `floor`, `left` hours of it, at least 1.</param>
    /// <returns>Null while there is too little history.</returns>
    public static Decision? PaceScrub(SampleSeries hourly, long timeMs, StatusNumbers inputs)
    {
        double[] series = hourly.Values(timeMs, HoursMax, static sample => sample.ForegroundBytes / 3600.0);
        if (Model(series) is not { } model)
            return null;
        // What is left is poured over the hours that are left, so that nothing is put off beyond the end of the pass.
        long left = Math.Max(1, inputs["left"]);
        var load = new double[Math.Min(left, Day)];
        for (int h = 0; h < load.Length; h++)
            load[h] = Math.Max(0, model.Expect(h + 1));
        double ceiling = Math.Max(1, inputs["ceiling"]), floor = Math.Min(inputs["floor"], ceiling);
        double needed = (double)inputs["bytes"] / left * load.Length / 3600; // the sum of the hourly rates
        double rate = RatePlan.Fill(load, needed, floor, ceiling)[0];
        return new Decision
        {
            TimeMs = timeMs,
            Kind = DecisionKind.ScrubRate,
            InputsHash = HashOf(DecisionKind.ScrubRate, inputs, series),
            Inputs = inputs,
            Forecast = new StatusNumbers
            {
                ["load"] = Whole64(load[0]),
                ["peak"] = Whole64(load.Max()),
                ["trough"] = Whole64(load.Min()),
            },
            Bound = Whole64(needed / load.Length),
            Outcome = Math.Max(1, Whole64(rate)),
        };
    }

    /// <summary>Whether a member is likely to fail within the period.</summary>
    /// <param name="lives">The members' lives.</param>
    /// <param name="timeMs">Now.</param>
    /// <param name="subject">The member's id.</param>
    /// <param name="inputs">`age` in hours, `bound` in millionths, `damage` found lately, `period` in hours, `was` 1 if it counts as likely.</param>
    public static Decision Risk(IEnumerable<MemberLife> lives, long timeMs, byte[] subject, StatusNumbers inputs)
    {
        List<Lifetime> observed = Observe(lives, timeMs);
        Weibull fit = Weibull.Fit(observed);
        double risk = fit.FailureWithin(inputs["age"], inputs["period"], inputs["damage"] > 0 ? DamageFactor : 1);
        long ppm = Whole64(risk * Whole);
        bool likely = ppm >= (inputs["was"] == 1 ? inputs["bound"] / 2 : inputs["bound"]);
        double[] series = [.. observed.SelectMany(static life => new[] { life.Age, life.Failed ? 1 : 0, life.Weight })];
        return new Decision
        {
            TimeMs = timeMs,
            Kind = DecisionKind.Risk,
            Subject = subject,
            InputsHash = HashOf(DecisionKind.Risk, inputs, series),
            Inputs = inputs,
            Forecast = new StatusNumbers
            {
                ["failures"] = observed.Count(static life => life.Failed) - PriorLives,
                ["risk"] = ppm,
                ["scale-hours"] = Whole64(fit.Scale),
                ["shape"] = Whole64(fit.Shape * Whole),
            },
            Bound = inputs["bound"],
            Outcome = likely ? 1 : 0,
        };
    }

    /// <summary>The lifetimes in hours as they were known at a time, after those of the prior, which all failed.</summary>
    public static List<Lifetime> Observe(IEnumerable<MemberLife> lives, long timeMs)
    {
        double scale = YearHours / Math.Pow(-Math.Log(1 - PriorAnnual), 1 / PriorShape);
        var observed = new List<Lifetime>();
        for (int i = 0; i < PriorLives; i++)
        {
            double quantile = (i + 0.5) / PriorLives;
            observed.Add(new Lifetime(scale * Math.Pow(-Math.Log(1 - quantile), 1 / PriorShape), true, PriorWeight));
        }
        foreach (MemberLife life in lives.Where(life => life.FirstMs < timeMs).OrderBy(static life => life.Id))
        {
            bool ended = life.EndMs > 0 && life.EndMs <= timeMs;
            double hours = ((ended ? life.EndMs : timeMs) - life.FirstMs) / (double)ForecastState.HourMs;
            if (hours > 0)
                observed.Add(new Lifetime(hours, ended && life.Failed));
        }
        return observed;
    }

    /// <summary>Makes a logged decision again from the history; null when the history for it is gone.</summary>
    public static Decision? Again(ForecastState state, Decision logged) => logged.Kind switch
    {
        DecisionKind.Weight => Weigh(state.Hourly, logged.TimeMs, logged.Inputs),
        DecisionKind.ScrubRate => PaceScrub(state.Hourly, logged.TimeMs, logged.Inputs),
        DecisionKind.Risk => Risk(state.Members.Values, logged.TimeMs, logged.Subject, logged.Inputs),
        _ => null,
    };

    private static byte[] HashOf(DecisionKind kind, StatusNumbers inputs, double[] series)
    {
        byte[] encoded = BencodeWriter.Encode(inputs.Write);
        var bytes = new byte[1 + encoded.Length + series.Length * sizeof(double)];
        bytes[0] = (byte)kind;
        encoded.CopyTo(bytes, 1);
        for (int i = 0; i < series.Length; i++)
            BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(1 + encoded.Length + i * sizeof(double)), series[i]);
        var hash = new byte[Sha256.HashLength];
        Sha256.Hash(bytes, hash);
        return hash;
    }

    private static long Whole64(double value) => (long)Math.Round(Math.Clamp(value, -9e18, 9e18));
}
