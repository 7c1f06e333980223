using Megatorrent.Core;
using Megatorrent.Network.Health;

namespace Megatorrent.Network.Tests.Health;

public class LogHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Quantiles_are_right_within_a_bucket(int seed)
    {
        var random = new SeededRandomSource((ulong)seed);
        var histogram = new LogHistogram(0.01);
        double[] values = [.. Enumerable.Range(0, LogHistogram.MaxWeight - 1).Select(_ => Math.Exp(random.NextDouble() * 8))];
        foreach (double value in values)
            histogram.Add(value);
        double[] sorted = [.. values.Order()];
        foreach (double share in (double[])[0.05, 0.5, 0.9, 0.95, 0.99])
        {
            double exact = sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
            Assert.InRange(histogram.Quantile(share), exact, exact * 1.19);
        }
    }

    [Fact]
    public void The_past_fades()
    {
        var histogram = new LogHistogram(0.01);
        Assert.Equal(0, histogram.Quantile(0.5));
        for (int i = 0; i < 100_000; i++)
            histogram.Add(10);
        for (int i = 0; i < LogHistogram.MaxWeight; i++)
            histogram.Add(1000);
        Assert.InRange(histogram.Quantile(0.5), 1000, 1190);
        Assert.True(histogram.Weight <= LogHistogram.MaxWeight);
    }

    [Fact]
    public void Extremes_are_clamped()
    {
        var histogram = new LogHistogram(1);
        histogram.Add(0);
        Assert.InRange(histogram.Quantile(1), 1, 1.19);
        histogram.Add(double.MaxValue);
        Assert.InRange(histogram.Quantile(1), 1 << 27, 1 << 28);
    }
}
