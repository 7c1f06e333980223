using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Tests.Terminal;

public class HumanTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1024 * 1024 - 1, "1.0 MiB")] // never "1024.0 KiB"
    [InlineData(256L << 20, "256.0 MiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes(long bytes, string text) => Assert.Equal(text, Human.Size(bytes));

    [Theory]
    [InlineData(134_000_000, 1000, "134 MB/s")]
    [InlineData(134_000_000, 2000, "67 MB/s")]
    [InlineData(3_210_000, 1000, "3.2 MB/s")]
    [InlineData(9_960_000, 1000, "10 MB/s")]
    [InlineData(0, 1000, "0.0 MB/s")]
    [InlineData(5, 0, "-")]
    public void Rates(long bytes, int milliseconds, string text) =>
        Assert.Equal(text, Human.Rate(bytes, TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(1_900, "1.9 s")]
    [InlineData(59_960, "1 min 00 s")] // never "60.0 s"
    [InlineData(125_000, "2 min 05 s")]
    [InlineData(3_599_600, "1 h 00 min")]
    [InlineData(11_520_000, "3 h 12 min")]
    [InlineData(356_400_000, "4 d 03 h")]
    public void Times(long milliseconds, string text) => Assert.Equal(text, Human.Elapsed(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(0.2, "0:01")]
    [InlineData(7, "0:07")]
    [InlineData(750, "12:30")]
    [InlineData(3723, "1:02:03")]
    public void Clocks(double seconds, string text) => Assert.Equal(text, Human.Clock(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 blobs")]
    [InlineData(1, "1 blob")]
    [InlineData(2, "2 blobs")]
    public void Counts(long count, string text) => Assert.Equal(text, Human.Count(count, "blob"));
}
