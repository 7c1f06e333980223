using Megatorrent.Cli.Values;

namespace Megatorrent.Cli.Tests.Values;

public class DurationTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("500ms", 500)]
    [InlineData("90s", 90_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("5min", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("2w", 1_209_600_000)]
    public void Reads(string text, long milliseconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan time));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")] // of what?
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5y")]
    [InlineData("5S")]
    [InlineData("1h30")]
    [InlineData("1..5s")]
    [InlineData("100000d")]
    [InlineData("99999999999999999999999999s")]
    public void Refuses(string text)
    {
        Assert.False(Duration.TryParse(text, out TimeSpan time));
        Assert.Equal(default, time);
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("500ms")]
    [InlineData("30s")]
    [InlineData("10m")]
    [InlineData("1h30m")]
    [InlineData("7d")]
    [InlineData("1d2h3m4s5ms")]
    public void FormatsWhatItReads(string text)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan time));
        Assert.Equal(text, Duration.Format(time));
    }
}
