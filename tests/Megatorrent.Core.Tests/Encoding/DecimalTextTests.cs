using Megatorrent.Core.Encoding;

namespace Megatorrent.Core.Tests.Encoding;

public class DecimalTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Digits_are_a_number(string text, long expected)
    {
        Assert.True(DecimalText.TryParse(text, out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0x1")]
    [InlineData("\u0661")] // a digit of another script
    [InlineData("1\0")]
    [InlineData("9223372036854775808")]
    public void Anything_else_is_none(string text) => Assert.False(DecimalText.TryParse(text, out _));
}
