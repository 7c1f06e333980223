using Megatorrent.Cluster.Forecast.Numerics;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Tests.Forecasts;

/// <summary>Vectors: Hyndman and Athanasopoulos, "Forecasting: principles and practice", first edition, 7.2 and 7.5.</summary>
public sealed class HoltWintersTests
{
    // Passengers of Australian airlines in millions, 1990 to 2004.
    private static readonly double[] Air =
    [
        17.5534, 21.8601, 23.8866, 26.9293, 26.8885, 28.8314, 30.0751, 30.9535, 30.1857, 31.5797, 32.577569, 33.477398, 39.021581,
        41.386432, 41.596552,
    ];

    // Nights of international visitors to Australia in millions, quarters of 2005 to 2010.
    private static readonly double[] Tourists =
    [
        41.727458, 24.04185, 32.328103, 37.328708, 46.213153, 29.346326, 36.48291, 42.977719, 48.901525, 31.180221, 37.717881, 40.420211,
        51.206863, 31.887228, 40.978263, 43.772491, 55.558567, 33.850915, 42.076383, 45.642292, 59.76678, 35.191877, 44.319737, 47.913736,
    ];

    [Fact]
    public void HoltsLinearTrendForecastsTheBooksFigures()
    {
        // α = 0.8, β* = 0.2; level and trend begin with the first value and the first difference.
        var model = new HoltWinters(new SmoothingParameters(0.8, 0.8 * 0.2, 0), Air[0], Air[1] - Air[0], []);
        foreach (double value in Air)
            model.Observe(value);
        double[] expected = [43.76, 45.59, 47.43, 49.27, 51.10];
        for (int h = 1; h <= expected.Length; h++)
            Assert.Equal(expected[h - 1], model.Expect(h), 0.0051);
    }

    [Fact]
    public void TheAdditiveSeasonHasTheBooksErrors()
    {
        HoltWinters model = BookModel();
        foreach (double value in Tourists)
            model.Observe(value);
        Assert.Equal(55.415665248542453, model.SquaredErrors, 1e-6);
    }

    [Fact]
    public void TheFirstFittedValuesAreLevelTrendAndSeason()
    {
        HoltWinters model = BookModel();
        Assert.Equal(31.59597 + 0.63721 + 9.75637, model.Expect(1), 1e-4);
        Assert.Equal(31.59597 + 2 * 0.63721 - 9.29266, model.Expect(2), 1e-4);
        Assert.Equal(31.59597 + 5 * 0.63721 + 9.75637, model.Expect(5), 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(29)]
    public void TheForecastVarianceIsTheBooksClosedForm(int h)
    {
        HoltWinters model = BookModel();
        foreach (double value in Tourists)
            model.Observe(value);
        (double a, double b, double g, _) = model.Parameters;
        const int M = 4;
        int k = (h - 1) / M;
        double factor = 1 + (h - 1) * (a * a + a * b * h + b * b * h * (2 * h - 1) / 6) + g * k * (2 * a + g + b * M * (k + 1));
        Assert.Equal(model.Deviation * Math.Sqrt(factor), model.DeviationOf(h), 1e-9);
    }

    [Fact]
    public void FittingIsAboutAsGoodAsTheBooksOptimum()
    {
        // The grid is coarse and its start is plain: within a third of the root mean square error over the same values.
        HoltWinters fitted = HoltWinters.Fit(Tourists, 4);
        HoltWinters book = BookModel();
        for (int i = 0; i < Tourists.Length; i++)
            book.Observe(Tourists[i], counts: i >= 4);
        Assert.InRange(fitted.Deviation, 0.5 * book.Deviation, 1.33 * book.Deviation);
    }

    [Fact]
    public void ALineWithADailyAndAWeeklySeasonIsFoundExactly()
    {
        double Value(int i) => 1000 + 3 * i + 50 * Math.Sin(2 * Math.PI * (i % 24) / 24) + (i / 24 % 7 == 6 ? -40 : 0);
        double[] series = [.. Enumerable.Range(0, 24 * 7 * 5).Select(Value)];
        HoltWinters model = HoltWinters.Fit(series, 24, 168);
        for (int h = 1; h <= 168; h++)
            Assert.Equal(Value(series.Length - 1 + h), model.Expect(h), 2.0);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void IntervalsCoverWhatTheySay(ulong seed)
    {
        // Noise about a season: of 40 series the value a day ahead is below the upper 95 % bound in nearly all.
        var random = new SeededRandomSource(seed);
        int covered = 0;
        const int Rounds = 40;
        for (int round = 0; round < Rounds; round++)
        {
            double[] series = [.. Enumerable.Range(0, 24 * 15)
                .Select(i => 500 + 100 * Math.Cos(2 * Math.PI * i / 24) + 20 * Normal(random))];
            HoltWinters model = HoltWinters.Fit(series.AsSpan(0, 24 * 14), 24);
            covered += series[^1] <= model.Expect(24) + 1.645 * model.DeviationOf(24) ? 1 : 0;
        }
        Assert.True(covered >= 34, $"seed {seed}: {covered} of {Rounds}");
    }

    [Fact]
    public void TooShortASeriesIsRefused()
    {
        Assert.Throws<ArgumentException>(() => HoltWinters.Fit(new double[47], 24));
        Assert.Throws<ArgumentException>(() => HoltWinters.Fit(new double[400], 24, 100));
    }

    private static HoltWinters BookModel()
    {
        double[] season = [0, -9.2926619452692182932, -1.7975502536799012887, 1.3338300720957152468];
        season[0] = -season.Sum();
        return new HoltWinters(
            new SmoothingParameters(0.3348574920655552067, 0.0001004364187189504, 0.6646924189795750948),
            31.5959653237241901991, 0.6372054007993471769, season);
    }

    private static double Normal(SeededRandomSource random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
