using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Tests.Terminal;

public class ProgressTextTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public void ShowsBytesRateAndTimeLeft() =>
        Assert.Equal("put  128.0 MiB of 256.0 MiB  50%  134 MB/s  0:02 left", ProgressText.Render("put", 128 * MiB, 256 * MiB, 134e6, 80));

    [Fact]
    public void WithoutARateThereIsNoTimeLeft() =>
        Assert.Equal("put  0 B of 256.0 MiB  0%", ProgressText.Render("put", 0, 256 * MiB, 0, 80));

    [Fact]
    public void WithoutATotalThereIsNoPercentage() =>
        Assert.Equal("put  3.0 MiB  10 MB/s", ProgressText.Render("put", 3 * MiB, -1, 10e6, 80));

    [Fact]
    public void AtTheEndNothingIsLeft() =>
        Assert.Equal("get  1.0 MiB of 1.0 MiB  100%  5.0 MB/s", ProgressText.Render("get", MiB, MiB, 5e6, 80));

    [Fact]
    public void AnEmptyFileIsDone() => Assert.Equal("get  0 B of 0 B  100%", ProgressText.Render("get", 0, 0, 0, 80));

    [Fact]
    public void AHundredPercentIsOnlySaidOfAll() =>
        Assert.Contains("  99%", ProgressText.Render("get", 1_000_000 * MiB - 1, 1_000_000 * MiB, 0, 80), StringComparison.Ordinal);

    [Fact]
    public void NeverReachesTheEdge()
    {
        for (int width = 1; width <= 100; width++)
        {
            string text = ProgressText.Render("verify", 128 * MiB, 256 * MiB, 134e6, width);
            Assert.True(text.Length <= Math.Max(1, width - 1), $"width {width}: '{text}'");
        }
    }

    [Fact]
    public void WhatCanBestBeMissedFallsAwayFirst()
    {
        Assert.Equal("put  128.0 MiB of 256.0 MiB  50%", ProgressText.Render("put", 128 * MiB, 256 * MiB, 134e6, 40));
        Assert.Equal("put", ProgressText.Render("put", 128 * MiB, 256 * MiB, 134e6, 10));
    }
}
