namespace Megatorrent.Cluster.Forecast.Numerics;

/// <summary>
/// Exponential smoothing with an additive trend and one or two additive seasons, with prediction intervals. Only additions,
/// multiplications, divisions and square roots, so that the same history gives the same forecast on every machine. Not thread-safe.
/// </summary>
/// <remarks>
/// Hyndman and Athanasopoulos, "Forecasting: principles and practice", chapter "Exponential smoothing": the method of Holt and Winters as
/// the state space model ETS(A,A,A), and its forecast variance; a second season as in Taylor, "Short-term electricity demand forecasting
/// using double seasonal exponential smoothing" (2003).
/// </remarks>
internal sealed class HoltWinters
{
    private static readonly double[] Alphas = [0.02, 0.05, 0.1, 0.2, 0.35, 0.55, 0.8, 0.98];
    private static readonly double[] TrendShares = [0, 0.002, 0.01, 0.03, 0.1]; // β*; a faster trend runs after every burst
    private static readonly double[] SeasonShares = [0, 0.05, 0.15, 0.4];       // of 1−α

    private readonly SmoothingParameters _parameters;
    private readonly double[] _season;
    private readonly double[] _longSeason;
    private double _squares;
    private int _count;
    private int _seasonAt;
    private int _longSeasonAt;

    /// <summary>Starts from given states.</summary>
    /// <param name="parameters">How fast each part follows.</param>
    /// <param name="level">The level before the first observation.</param>
    /// <param name="trend">The trend a step.</param>
    /// <param name="season">The first season, beginning with the value for the first observation; empty for none. Copied.</param>
    /// <param name="longSeason">The second season, likewise.</param>
    public HoltWinters(
        SmoothingParameters parameters, double level, double trend, ReadOnlySpan<double> season, ReadOnlySpan<double> longSeason = default)
    {
        _parameters = parameters;
        Level = level;
        Trend = trend;
        _season = season.IsEmpty ? [0] : season.ToArray();
        _longSeason = longSeason.IsEmpty ? [0] : longSeason.ToArray();
    }

    /// <summary>The level after the last observation.</summary>
    public double Level { get; private set; }

    /// <summary>The trend a step after the last observation.</summary>
    public double Trend { get; private set; }

    /// <summary>How fast each part follows.</summary>
    public SmoothingParameters Parameters => _parameters;

    /// <summary>The sum of the squared one-step errors of every observation that was counted.</summary>
    public double SquaredErrors => _squares;

    /// <summary>The standard deviation of the one-step errors; 0 before the first.</summary>
    public double Deviation => _count == 0 ? 0 : Math.Sqrt(_squares / _count);

    /// <summary>Takes in the next value and returns the one-step error.</summary>
    /// <param name="value">The value.</param>
    /// <param name="counts">Whether the error counts for <see cref="Deviation"/>: not while the start is still being forgotten.</param>
    public double Observe(double value, bool counts = true)
    {
        double error = value - (Level + Trend + _season[_seasonAt] + _longSeason[_longSeasonAt]);
        Level += Trend + _parameters.Alpha * error;
        Trend += _parameters.Beta * error;
        if (_season.Length > 1)
            _season[_seasonAt] += _parameters.Gamma * error;
        if (_longSeason.Length > 1)
            _longSeason[_longSeasonAt] += _parameters.Delta * error;
        _seasonAt = (_seasonAt + 1) % _season.Length;
        _longSeasonAt = (_longSeasonAt + 1) % _longSeason.Length;
        if (counts)
        {
            _squares += error * error;
            _count++;
        }
        return error;
    }

    /// <summary>The expected value <paramref name="steps"/> steps after the last observation, 1 or more.</summary>
    public double Expect(int steps) => Level + steps * Trend
        + _season[(_seasonAt + steps - 1) % _season.Length] + _longSeason[(_longSeasonAt + steps - 1) % _longSeason.Length];

    /// <summary>The standard deviation of the error of <see cref="Expect"/>: σ·√(1 + Σ c_j²), j from 1 to steps−1.</summary>
    public double DeviationOf(int steps)
    {
        double sum = 1;
        for (int j = 1; j < steps; j++)
        {
            double weight = _parameters.Alpha + _parameters.Beta * j;
            if (_season.Length > 1 && j % _season.Length == 0)
                weight += _parameters.Gamma;
            if (_longSeason.Length > 1 && j % _longSeason.Length == 0)
                weight += _parameters.Delta;
            sum += weight * weight;
        }
        return Deviation * Math.Sqrt(sum);
    }

    /// <summary>
    /// Fits a model to a series: the start from the first seasons, the parameters by the least sum of squared one-step errors over a
    /// bounded grid, the first season not counted.
    /// </summary>
    /// <param name="series">The values, oldest first; at least two of the longest season, or four without one.</param>
    /// <param name="season">Steps of a season, 0 for none.</param>
    /// <param name="longSeason">Steps of a second season, a multiple of the first; 0 for none.</param>
    /// <exception cref="ArgumentException">The series is too short, or the second season is no multiple of the first.</exception>
    public static HoltWinters Fit(ReadOnlySpan<double> series, int season, int longSeason = 0)
    {
        int longest = Math.Max(Math.Max(season, longSeason), 2);
        if (series.Length < 2 * longest)
            throw new ArgumentException($"{series.Length} values are too few for a season of {longest}.", nameof(series));
        if (longSeason > 0 && (season <= 0 || longSeason % season != 0))
            throw new ArgumentException($"A season of {longSeason} is no multiple of {season}.", nameof(longSeason));

        (double level, double trend) = StraightLine(series, longest);
        double[] first = season > 0 ? Profile(series, level, trend, season, []) : [];
        double[] second = longSeason > 0 ? Profile(series, level, trend, longSeason, first) : [];
        HoltWinters? best = null;
        foreach (SmoothingParameters parameters in Grid(season > 0, longSeason > 0))
        {
            var model = new HoltWinters(parameters, level, trend, first, second);
            for (int i = 0; i < series.Length; i++)
            {
                model.Observe(series[i], counts: i >= Math.Max(season, 1));
                if (best is not null && model._squares >= best._squares)
                    break;
            }
            if (best is null || model._squares < best._squares)
                best = model;
        }
        return best!;
    }

    private static IEnumerable<SmoothingParameters> Grid(bool seasonal, bool doubly)
    {
        foreach (double alpha in Alphas)
        {
            foreach (double trend in TrendShares)
            {
                foreach (double gamma in seasonal ? SeasonShares : [0.0])
                {
                    foreach (double delta in doubly ? SeasonShares[..3] : [0.0])
                        yield return new SmoothingParameters(alpha, alpha * trend, gamma * (1 - alpha), delta * (1 - alpha));
                }
            }
        }
    }

    // The means of the first two whole seasons give a level before the first value and a slope.
    private static (double Level, double Trend) StraightLine(ReadOnlySpan<double> series, int season)
    {
        double first = Mean(series[..season]), second = Mean(series.Slice(season, season));
        double trend = (second - first) / season;
        return (first - trend * (season + 1) / 2, trend);
    }

    // The mean distance from the line and from the shorter season, step by step of the season, over the whole seasons at the start (two
    // at most: what comes later is learnt); centred, so that the level stays the level.
    private static double[] Profile(ReadOnlySpan<double> series, double level, double trend, int season, double[] shorter)
    {
        var profile = new double[season];
        int seasons = Math.Min(2, series.Length / season);
        for (int i = 0; i < seasons * season; i++)
        {
            double known = level + trend * (i + 1) + (shorter.Length > 0 ? shorter[i % shorter.Length] : 0);
            profile[i % season] += (series[i] - known) / seasons;
        }
        double mean = Mean(profile);
        for (int i = 0; i < season; i++)
            profile[i] -= mean;
        return profile;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return sum / values.Length;
    }
}
