using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Services;
using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core.Wire;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cluster.Tests.Forecasts;

/// <summary>The service over a running node's parts, with a clock of the test's own.</summary>
public sealed class ForecastServiceTests
{
    private const long Hour = ForecastState.HourMs;

    [Fact]
    public async Task ADiskThatWillFillIsAnnouncedWithLessWeightAndTheDecisionReplays()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        string folder = cluster.FolderOf(77);
        var time = new ManualTime();
        Remember(folder, time, hours: 96, static h => 500_000_000 + h * 4_000_000L);
        var announced = new List<long>();
        await using (ForecastService service = Service(cluster, folder, time, announced))
        {
            await service.OpenAsync(CancellationToken.None);
            time.Advance(TimeSpan.FromHours(1));
            await service.StepAsync(CancellationToken.None);
            Assert.InRange(Assert.Single(announced), 500_000, 950_000);
            Assert.Equal(announced[0], service.Numbers["weight-ppm"]);
            Assert.NotNull(service.ScrubBytesPerSecond);
        }
        ForecastReport report = ForecastReport.Read(PhysicalFileSystem.Instance, folder);
        Assert.Contains(report.Decisions, decision => decision.Kind == "weight" && decision.Outcome == announced[0]);
        Assert.All(report.Decisions, decision => Assert.Equal(ReplayVerdict.Equal, decision.Replay));
        Assert.NotEmpty(report.Stored);

        await using ForecastService restarted = Service(cluster, folder, time, announced);
        await restarted.OpenAsync(CancellationToken.None);
        Assert.Equal(announced[0], announced[1]); // remembered, and told again
    }

    [Fact]
    public async Task WithTooLittleHistoryNothingIsDecided()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        string folder = cluster.FolderOf(77);
        var time = new ManualTime();
        Remember(folder, time, hours: 60, static h => 500_000_000 + h * 6_000_000L);
        var announced = new List<long>();
        await using ForecastService service = Service(cluster, folder, time, announced);
        await service.OpenAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        await service.StepAsync(CancellationToken.None);
        Assert.Empty(announced);
        Assert.Null(service.ScrubBytesPerSecond);
        Assert.Equal(0, service.Numbers["decisions"]);
    }

    [Fact]
    public async Task AFileThatCannotBeReadIsAnErrorInTheLogAndANewHistory()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(1);
        string folder = cluster.FolderOf(77);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, ForecastFile.FileName), "d1:v");
        await using ForecastService service = Service(cluster, folder, new ManualTime(), []);
        await service.OpenAsync(CancellationToken.None);
        Assert.Contains("the history of the forecasts cannot be used", cluster.Log.Tail(), StringComparison.Ordinal);
        Assert.Equal(0, service.Numbers["history-hours"]);
    }

    [Fact]
    public async Task AMemberThatFindsDamageIsLikelyToFailForTheOthers()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(2);
        string folder = cluster.FolderOf(77);
        var time = new ManualTime();
        Remember(folder, time, hours: 96, static _ => 500_000_000, damage: 1);
        await using ForecastService service = Service(cluster, folder, time, []);
        await service.OpenAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        await service.StepAsync(CancellationToken.None);
        Assert.Contains(cluster[0].Id, service.LikelyToFail);       // it is the one with the damage
        Assert.DoesNotContain(cluster[1].Id, service.LikelyToFail); // it was asked, and found none
    }

    [Fact]
    public async Task AnAnnouncementReachesTheOthersUnderAHigherIncarnation()
    {
        await using TestCluster cluster = await new TestCluster().StartAsync(2);
        long before = cluster[1].Membership.View.Find(cluster[0].Id)!.Record.Incarnation;
        cluster[0].Membership.Announce();
        await cluster.UntilAsync(
            () => cluster[1].Membership.View.Find(cluster[0].Id)!.Record.Incarnation > before, "the other has the new record");
    }

    private static void Remember(string folder, ManualTime time, int hours, Func<int, long> used, long damage = 0)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var state = new ForecastState { BornMs = now - hours * Hour };
        for (int h = 0; h < hours; h++)
            state.Hourly.Add(now - (hours - h) * Hour, used(h), 1_000_000, h == 0 ? damage : 0);
        new ForecastFile(PhysicalFileSystem.Instance, folder).Write(state.Encode());
    }

    private static ForecastService Service(TestCluster cluster, string folder, ManualTime time, List<long> announced)
    {
        NodeServer node = cluster[0];
        NodeOptions options = cluster.Options(0) with { DataDirectory = folder, CapacityBytes = 1_000_000_000 };
        return new ForecastService(new NodeParts
        {
            Options = options,
            Self = node.Id,
            Store = node.Store,
            Pool = cluster.Pool(Role.Node),
            Membership = node.Membership,
            Repair = node.Repair,
            ForegroundBytes = static () => 0,
            AnnounceWeight = announced.Add,
            Time = time,
            Log = new EventLog(cluster.Log, TimeProvider.System, node.Id),
        });
    }
}
