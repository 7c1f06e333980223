using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Forecasts;

public sealed class ForecastStateTests
{
    private const long Hour = ForecastState.HourMs;

    [Fact]
    public void DecisionKindsAreFrozen()
    {
        Assert.Equal(1, (byte)DecisionKind.Weight);
        Assert.Equal(2, (byte)DecisionKind.ScrubRate);
        Assert.Equal(3, (byte)DecisionKind.Risk);
        Assert.Equal(3, Enum.GetValues<DecisionKind>().Length);
    }

    [Fact]
    public void AStretchAddsUpAndAClockThatGoesBackIsIgnored()
    {
        var series = new SampleSeries(Hour, 3);
        series.Add(10 * Hour, 100, 5, 1);
        series.Add(10 * Hour + 1, 110, 7, 0);
        series.Add(9 * Hour, 1, 1, 1);
        Assert.Equal([new ForecastSample(10 * Hour, 110, 12, 1)], series.Samples);
        for (int h = 11; h < 15; h++)
            series.Add(h * Hour, h, 0, 0);
        Assert.Equal([12 * Hour, 13 * Hour, 14 * Hour], series.Samples.Select(sample => sample.StartMs));
        Assert.Equal(2, series.DropAfter(12 * Hour));
    }

    [Fact]
    public void GapsAreFilledAlongALineUnlessTheyAreTooMany()
    {
        var series = new SampleSeries(Hour, 100);
        foreach (int h in new[] { 0, 1, 2, 3, 6, 7, 8, 9 })
            series.Add(h * Hour, 10 * h, 0, 0);
        Assert.Equal([.. Enumerable.Range(0, 10).Select(h => 10.0 * h)], series.Values(10 * Hour, 100, sample => sample.UsedBytes));
        Assert.Equal([60, 70, 80, 90], series.Values(10 * Hour, 4, sample => sample.UsedBytes));
        Assert.Empty(series.Values(20 * Hour, 100, sample => sample.UsedBytes)); // nothing lately
        series.Add(30 * Hour, 300, 0, 0);
        Assert.Empty(series.Values(31 * Hour, 100, sample => sample.UsedBytes)); // two thirds would be guesses
    }

    [Fact]
    public void AnHourThatIsNotOverDoesNotCount()
    {
        var series = new SampleSeries(Hour, 100);
        series.Add(0, 1, 0, 0);
        series.Add(Hour, 2, 0, 0);
        Assert.Equal([1], series.Values(Hour + Hour / 2, 100, sample => sample.UsedBytes));
    }

    [Fact]
    public void MembersBeginEndAndReturn()
    {
        Member[] members = TestKeys.Members(3);
        var state = new ForecastState();
        state.Follow(new ClusterView(members, 1), new HashSet<NodeId>(), 10);
        state.Follow(new ClusterView(members[..1], 2), new HashSet<NodeId> { members[1].Id }, 50);
        Assert.Equal(new MemberLife(members[0].Id, 10, 0, false), state.Members[members[0].Id]);
        Assert.Equal(new MemberLife(members[1].Id, 10, 50, true), state.Members[members[1].Id]);
        Assert.Equal(new MemberLife(members[2].Id, 10, 50, false), state.Members[members[2].Id]);
        state.Follow(new ClusterView(members, 3), new HashSet<NodeId>(), 90);
        Assert.Equal(new MemberLife(members[1].Id, 10, 0, false), state.Members[members[1].Id]);
        Assert.Equal(3, ForecastState.Decode(state.Encode()).Members.Count);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    public void ADamagedFileIsMalformedAndNothingWorse(ulong seed)
    {
        var state = new ForecastState { BornMs = 5, WeightPpm = 400_000, WeightChangedMs = 7 };
        for (int h = 0; h < 100; h++)
            state.Hourly.Add(h * Hour, h, h, 0);
        state.Follow(new ClusterView(TestKeys.Members(2), 1), new HashSet<NodeId>(), 10);
        state.Log(DecisionRules.Risk(state.Members.Values, 99 * Hour, [], new StatusNumbers { ["period"] = 1, ["bound"] = 1 }));
        byte[] good = state.Encode();
        Assert.Equal(good, ForecastState.Decode(good).Encode());
        var random = new SeededRandomSource(seed);
        for (int round = 0; round < 300; round++)
        {
            byte[] bad = [.. good.AsSpan(0, round % 2 == 0 ? good.Length : random.Next(good.Length))];
            if (bad.Length > 0)
                bad[random.Next(bad.Length)] ^= (byte)(1 + random.Next(255));
            try
            {
                ForecastState.Decode(bad);
            }
            catch (MegatorrentException exception)
            {
                Assert.True(exception.Kind == ErrorKind.Malformed, $"seed {seed}, round {round}: {exception}");
            }
        }
    }

    [Fact]
    public void ARiskReplyIsReadAsItWasWritten()
    {
        Assert.Equal(new RiskReply(77, 3), RiskReply.Decode(new RiskReply(77, 3).Encode()));
        Assert.Equal("64313a6169373765313a64693365313a7669316565", Convert.ToHexStringLower(new RiskReply(77, 3).Encode()));
        Assert.Throws<MegatorrentException>(() => RiskReply.Decode("d1:ai-1e1:di0e1:vi1ee"u8));
    }
}
