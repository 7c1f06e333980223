using Megatorrent.Client.Location;
using Megatorrent.Core;

namespace Megatorrent.Cli.Tests.Launch;

public class ConfigFolderTests
{
    [Theory]
    [InlineData("/x/config", "/home/me", "/x/config/megatorrent")]
    [InlineData("", "/home/me", "/home/me/.config/megatorrent")]
    [InlineData(null, "/home/me", "/home/me/.config/megatorrent")]
    [InlineData("relative", "/home/me", "/home/me/.config/megatorrent")] // the specification wants relative paths ignored
    public void FollowsTheStandard(string? xdg, string? home, string expected)
    {
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(expected, Find(xdg, home).Path);
    }

    [Fact]
    public void SaysWhenThereIsNone()
    {
        MegatorrentException exception = Assert.Throws<MegatorrentException>(() => Find(null, null));
        Assert.Contains("HOME", exception.Message, StringComparison.Ordinal);
    }

    private static ConfigFolder Find(string? xdg, string? home) =>
        ConfigFolder.Find(name => name switch { "XDG_CONFIG_HOME" => xdg, "HOME" => home, _ => null });
}
