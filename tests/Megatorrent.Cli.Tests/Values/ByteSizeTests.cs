using Megatorrent.Cli.Values;

namespace Megatorrent.Cli.Tests.Values;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("17", 17)]
    [InlineData("17B", 17)]
    [InlineData("1K", 1024)]
    [InlineData("1KB", 1000)]
    [InlineData("1KiB", 1024)]
    [InlineData("1kib", 1024)]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("100GB", 100_000_000_000)]
    [InlineData("100 GB", 100_000_000_000)]
    [InlineData(" 2G ", 2L << 30)]
    [InlineData("1.5TB", 1_500_000_000_000)]
    [InlineData("0.5KiB", 512)]
    [InlineData("7EiB", 7L << 60)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Reads(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long actual));
        Assert.Equal(bytes, actual);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1,5GB")]
    [InlineData("1.2.3GB")]
    [InlineData("1XB")]
    [InlineData("1GBs")]
    [InlineData("1KiBB")]
    [InlineData("1e9")]
    [InlineData("0x10")]
    [InlineData("8EiB")] // 2^63
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999999999999999")]
    public void Refuses(string text)
    {
        Assert.False(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(0, bytes);
    }

    [Theory]
    [InlineData("50MB/s", 50_000_000)]
    [InlineData("50MB", 50_000_000)]
    [InlineData("0", 0)]
    [InlineData("Unlimited", 0)]
    public void ReadsRates(string text, long bytesPerSecond)
    {
        Assert.True(ByteSize.TryParseRate(text, out long actual));
        Assert.Equal(bytesPerSecond, actual);
    }

    [Theory]
    [InlineData("/s")]
    [InlineData("50MB/m")]
    [InlineData("50MB/s/s")]
    public void RefusesOtherRates(string text) => Assert.False(ByteSize.TryParseRate(text, out _));
}
