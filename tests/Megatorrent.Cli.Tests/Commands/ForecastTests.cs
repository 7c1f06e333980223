using System.Text.Json;

namespace Megatorrent.Cli.Tests.Commands;

public sealed class ForecastTests
{
    [Fact]
    public async Task DurabilityIsOneDocument()
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Done, await test.RunAsync(
            "durability", "--scheme", "4+2", "--annual-failure-rate", "0.04", "--repair-hours", "6", "--nodes", "12", "--objects", "1000",
            "--json"));
        using JsonDocument document = JsonDocument.Parse(test.Out);
        double loss = document.RootElement.GetProperty("stripeLoss").GetDouble();
        Assert.Equal(1.912e-9, loss, 0.02e-9); // one over the mean time of the recursion by hand
        Assert.Equal(1000, document.RootElement.GetProperty("anyLossAtMost").GetDouble() / loss, 0.01);
        Assert.Equal(5, document.RootElement.GetProperty("putMinimumBlobs").GetInt32());
    }

    [Fact]
    public async Task DurabilityIsReadable()
    {
        using TestHost test = new();
        Assert.Equal(ExitCodes.Done, await test.RunAsync("durability"));
        Assert.Contains("a stripe is lost within a year", test.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("durability --annual-failure-rate 4%", "not a number of 0 or more")]
    [InlineData("durability --repair-hours -1", "not a number of 0 or more")]
    [InlineData("durability --annual-failure-rate 1.5", "below 1")]
    [InlineData("durability --nodes 0", "0 nodes")]
    [InlineData("durability --scheme four", "is not a scheme")]
    [InlineData("forecast", "--data")]
    [InlineData("forecast --data /nowhere/at/all", "There is no history")]
    public async Task WhatCannotBeUsedIsSaid(string line, string expected)
    {
        using TestHost test = new();
        Assert.NotEqual(ExitCodes.Done, await test.RunAsync(line.Split(' ')));
        Assert.Contains(expected, test.Error, StringComparison.Ordinal);
    }
}
