using Megatorrent.Cli.Values;

namespace Megatorrent.Cli.Tests.Values;

public class ByteRangeTests
{
    [Theory]
    [InlineData("0-99", 1000, 0L, 100L)]
    [InlineData("0-0", 1000, 0L, 1L)]
    [InlineData("100-", 1000, 100L, null)]
    [InlineData("-100", 1000, 900L, 100L)]
    [InlineData("-5000", 1000, 0L, 1000L)]
    [InlineData("-0", 1000, 1000L, 0L)]
    [InlineData("5-9223372036854775807", 1000, 5L, null)]
    public void Resolves(string text, long fileLength, long offset, long? length)
    {
        Assert.True(ByteRange.TryParse(text, out ByteRange range));
        Assert.Equal((offset, length), range.Resolve(fileLength));
    }

    [Fact]
    public void OnlyARangeFromTheEndNeedsTheLength()
    {
        Assert.True(ByteRange.TryParse("-5", out ByteRange last));
        Assert.True(ByteRange.TryParse("5-", out ByteRange first));
        Assert.True(last.NeedsLength);
        Assert.False(first.NeedsLength);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5")]
    [InlineData("9-5")]
    [InlineData("1-2-3")]
    [InlineData("a-b")]
    [InlineData("+1-2")]
    [InlineData(" 1-2")]
    [InlineData("1-9223372036854775808")]
    public void Refuses(string text) => Assert.False(ByteRange.TryParse(text, out _));
}
