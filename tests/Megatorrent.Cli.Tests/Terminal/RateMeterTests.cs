using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Tests.Terminal;

public class RateMeterTests
{
    [Fact]
    public void NeedsTwoMoments()
    {
        RateMeter meter = new();
        Assert.Equal(0, meter.BytesPerSecond);
        meter.Add(TimeSpan.FromSeconds(1), 1000);
        Assert.Equal(0, meter.BytesPerSecond);
        meter.Add(TimeSpan.FromSeconds(1), 2000);
        Assert.Equal(0, meter.BytesPerSecond);
        meter.Add(TimeSpan.FromSeconds(2), 3000);
        Assert.Equal(2000, meter.BytesPerSecond);
    }

    [Fact]
    public void ForgetsWhatIsLongPast()
    {
        RateMeter meter = new();
        long bytes = 0;
        for (int second = 0; second <= 60; second++)
            meter.Add(TimeSpan.FromSeconds(second), bytes += second < 30 ? 1_000_000 : 1_000);
        Assert.Equal(1_000, meter.BytesPerSecond, 3);
    }

    [Fact]
    public void AStallBringsTheRateDown()
    {
        RateMeter meter = new();
        for (int second = 0; second <= 20; second++)
            meter.Add(TimeSpan.FromSeconds(second), Math.Min(second, 10) * 1000);
        Assert.Equal(0, meter.BytesPerSecond);
    }

    [Fact]
    public void ASmallerCountStartsAnew()
    {
        RateMeter meter = new();
        meter.Add(TimeSpan.FromSeconds(0), 0);
        meter.Add(TimeSpan.FromSeconds(1), 5000);
        meter.Add(TimeSpan.FromSeconds(2), 100);
        Assert.Equal(0, meter.BytesPerSecond);
        meter.Add(TimeSpan.FromSeconds(3), 200);
        Assert.Equal(100, meter.BytesPerSecond);
    }
}
