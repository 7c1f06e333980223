using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Tests.Values;

public class EndpointTextTests
{
    [Fact]
    public void ReadsAList()
    {
        Assert.True(EndpointText.TryParseList("127.0.0.1:7420, [::1]:7421,node.example:80", out string[] endpoints, out _));
        Assert.Equal(["127.0.0.1:7420", "[::1]:7421", "node.example:80"], endpoints);
    }

    [Fact]
    public void DropsRepeats()
    {
        Assert.True(EndpointText.TryParseList("a.example:1,a.example:1,", out string[] endpoints, out _));
        Assert.Equal(["a.example:1"], endpoints);
    }

    [Theory]
    [InlineData("127.0.0.1:7420,oops", "oops")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("127.0.0.1:70000", "127.0.0.1:70000")]
    public void NamesTheWrongOne(string text, string expected)
    {
        Assert.False(EndpointText.TryParseList(text, out string[] endpoints, out string wrong));
        Assert.Equal(expected, wrong);
        Assert.Empty(endpoints);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ,")]
    public void RefusesAnEmptyList(string text) => Assert.False(EndpointText.TryParseList(text, out _, out _));

    [Fact]
    public void PortZeroIsForListening()
    {
        Assert.True(EndpointText.IsEndpoint("127.0.0.1:0", allowAnyPort: true));
        Assert.False(EndpointText.IsEndpoint("127.0.0.1:0", allowAnyPort: false));
    }
}
