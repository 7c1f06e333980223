using Megatorrent.Core.Wire;

namespace Megatorrent.Core.Tests.Wire;

public class EndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:4000", "127.0.0.1", 4000)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    [InlineData("localhost:65535", "localhost", 65535)]
    [InlineData("node-1.storage_net.example:443", "node-1.storage_net.example", 443)]
    [InlineData("1.2.3.4.example:1", "1.2.3.4.example", 1)]
    [InlineData("n1:1", "n1", 1)]
    [InlineData("[::1]:4000", "::1", 4000)]
    [InlineData("[2001:db8::7]:80", "2001:db8::7", 80)]
    [InlineData("[::ffff:192.0.2.1]:80", "::ffff:192.0.2.1", 80)]
    public void Takes_endpoints_apart(string text, string host, int port)
    {
        Assert.True(Endpoint.TryParse(text, out string foundHost, out int foundPort));
        Assert.Equal(host, foundHost);
        Assert.Equal(port, foundPort);
        Assert.Equal(text, Endpoint.Format(host, port));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":4000")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData("host:65536")]
    [InlineData("host:99999999999")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    [InlineData("host:1 ")]
    [InlineData("host:01")]
    [InlineData("host:1a")]
    [InlineData("host:٣")]
    [InlineData(" host:1")]
    [InlineData("ho st:1")]
    [InlineData("host/path:1")]
    [InlineData("tcp://host:1")]
    [InlineData("user@host:1")]
    [InlineData("-host:1")]
    [InlineData("host-:1")]
    [InlineData("a..b:1")]
    [InlineData(".a:1")]
    [InlineData("a.:1")]
    [InlineData("höst:1")]
    [InlineData("::1:4000")]
    [InlineData("[::1]")]
    [InlineData("[::1:4000")]
    [InlineData("::1]:4000")]
    [InlineData("[]:4000")]
    [InlineData("[[::1]]:4000")]
    [InlineData("[127.0.0.1]:4000")]
    [InlineData("[host]:4000")]
    [InlineData("[fe80::1%eth0]:4000")]
    [InlineData("[::12345]:4000")]
    [InlineData("256.1.1.1:4000")]
    [InlineData("1.2.3:4000")]
    [InlineData("1:4000")]
    [InlineData("0x7f.0.0.1:4000")]
    [InlineData("127.0.0.01:4000")]
    [InlineData("1.2.3.4.5:4000")]
    public void Refuses_what_is_none(string? text)
    {
        Assert.False(Endpoint.TryParse(text, out string host, out int port));
        Assert.Equal("", host);
        Assert.Equal(0, port);
    }

    [Fact]
    public void The_limits_on_length_are_exact()
    {
        string label = new('x', 63);
        string longest = $"{label}.{label}.{label}.{new string('y', 61)}";
        Assert.Equal(Endpoint.MaxHostLength, longest.Length);
        Assert.True(Endpoint.TryParse($"{longest}:65535", out _, out _));
        Assert.Equal(Endpoint.MaxLength, $"{longest}:65535".Length);
        Assert.False(Endpoint.TryParse($"{longest}y:1", out _, out _));
        Assert.False(Endpoint.TryParse($"x{label}:1", out _, out _));
        Assert.False(Endpoint.TryParse(new string('x', 10_000_000) + ":1", out _, out _));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("host", -1)]
    [InlineData("host", 65536)]
    [InlineData("not a host", 1)]
    [InlineData("[::1]", 1)]
    [InlineData("host:1", 1)]
    public void Nothing_else_is_put_together(string host, int port) => Assert.Throws<ArgumentException>(() => Endpoint.Format(host, port));
}
