using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Health;
using Megatorrent.Network.Tests.Support;

namespace Megatorrent.Network.Tests.Health;

/// <summary>docs/spec/reputation.md, "Breaker", rule by rule.</summary>
public class PeerHealthTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void It_opens_when_the_share_of_failures_is_reached_and_not_below_the_least_count()
    {
        PeerHealth health = Create();
        for (int i = 0; i < 7; i++)
            Fail(health);
        Assert.Equal(BreakerState.Closed, health.State);
        Fail(health);
        Assert.Equal(BreakerState.Open, health.State);
        var refused = Assert.Throws<MegatorrentException>(() => health.Begin());
        Assert.Equal(ErrorKind.Unreachable, refused.Kind);
        Assert.Contains("peer:1 is not asked", refused.Message);
        Assert.Contains("lost it", refused.Message);

        health = Create();
        for (int i = 0; i < 100; i++)
        {
            Succeed(health);
            Succeed(health);
            Fail(health);
        }
        Assert.Equal(BreakerState.Closed, health.State); // a third fails
    }

    [Fact]
    public void What_is_older_than_the_window_does_not_count()
    {
        PeerHealth health = Create();
        for (int i = 0; i < 7; i++)
            Fail(health);
        _time.Advance(TimeSpan.FromSeconds(31));
        for (int i = 0; i < 7; i++)
            Fail(health);
        Assert.Equal(BreakerState.Closed, health.State);
        _time.Advance(TimeSpan.FromSeconds(15));
        Fail(health);
        Assert.Equal(BreakerState.Open, health.State);
    }

    [Fact]
    public void One_probe_goes_through_and_the_time_doubles_up_to_the_longest_with_jitter()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            PeerHealth health = Create(seed);
            Open(health);
            for (int probes = 0; probes < 10; probes++)
            {
                double wholeMs = Math.Min(60_000, 1_000 * Math.Pow(2, probes));
                _time.Advance(TimeSpan.FromMilliseconds((wholeMs / 2) - 1));
                Assert.True(health.State == BreakerState.Open, $"seed {seed}, probe {probes}");
                _time.Advance(TimeSpan.FromMilliseconds((wholeMs / 2) + 1));
                Assert.True(health.State == BreakerState.HalfOpen, $"seed {seed}, probe {probes}");
                PeerTicket probe = health.Begin();
                Assert.True(probe.IsProbe);
                Assert.Throws<MegatorrentException>(() => health.Begin());
                health.Failed(probe, "still");
            }
            _time.Advance(TimeSpan.FromSeconds(60));
            health.Succeeded(health.Begin());
            Assert.Equal(BreakerState.Closed, health.State);
            Open(health);
            _time.Advance(TimeSpan.FromSeconds(1)); // the doubling began anew
            Assert.Equal(BreakerState.HalfOpen, health.State);
        }
    }

    [Fact]
    public void A_probe_that_is_given_up_decides_nothing()
    {
        PeerHealth health = Create();
        Open(health);
        _time.Advance(TimeSpan.FromSeconds(1));
        health.GivenUp(health.Begin());
        Assert.Equal(BreakerState.HalfOpen, health.State);
        Assert.True(health.Begin().IsProbe);
    }

    [Fact]
    public void Outcomes_of_requests_from_before_it_opened_change_nothing()
    {
        PeerHealth health = Create();
        PeerTicket early = health.Begin();
        Open(health);
        health.Succeeded(early);
        Assert.Equal(BreakerState.Open, health.State);
        health.Failed(early, "late");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(BreakerState.HalfOpen, health.State);
    }

    [Fact]
    public void To_be_overtaken_is_a_failure_and_a_latency_of_at_least_that()
    {
        PeerHealth health = Create();
        for (int i = 0; i < 20; i++)
            health.MeasureGet(TimeSpan.FromMilliseconds(10), default, 0);
        for (int i = 0; i < 7; i++)
            health.Overtaken(TimeSpan.FromMilliseconds(400), isGet: true);
        Assert.Equal(BreakerState.Closed, health.State);
        Assert.InRange(health.GetQuantile(0, 0.95, 8)!.Value.TotalMilliseconds, 400, 480);
        health.Overtaken(TimeSpan.FromMilliseconds(400), isGet: true);
        Assert.Equal(BreakerState.Open, health.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        health.Begin();
        health.Overtaken(TimeSpan.FromSeconds(1), isGet: false);
        Assert.Equal(BreakerState.Open, health.State);
    }

    [Fact]
    public void The_quantile_of_a_get_has_latency_and_length()
    {
        PeerHealth health = Create();
        Assert.Null(health.GetQuantile(1000, 0.5, 1));
        for (int i = 0; i < 50; i++)
            health.MeasureGet(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100), 1 << 20);
        Assert.InRange(health.GetQuantile(1, 0.5, 8)!.Value.TotalMilliseconds, 20, 24);
        Assert.InRange(health.GetQuantile(1 << 20, 0.5, 8)!.Value.TotalMilliseconds, 120, 144);
        Assert.InRange(health.Figures.BytesPerSecond, 0.8 * 10 * (1 << 20), 10 * (1 << 20));
    }

    [Fact]
    public void A_table_forgets_who_was_used_longest_ago()
    {
        var table = new PeerHealthTable(new HealthOptions { MaxPeers = 3 }, _time, new SeededRandomSource(1));
        PeerHealth[] peers = [.. Enumerable.Range(0, 3).Select(i => table.Of($"peer:{i}"))];
        _time.Advance(TimeSpan.FromSeconds(1));
        peers[0].Begin();
        peers[2].Begin();
        table.Of("peer:3");
        Assert.Equal(["peer:0", "peer:2", "peer:3"], table.All.Select(figures => figures.Endpoint).Order());
    }

    [Fact]
    public void A_peer_that_stalls_is_left_alone_but_not_by_membership() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        var release = new TaskCompletionSource();
        world.Handler.Status = async (_, cancellationToken) =>
        {
            await release.Task.WaitAsync(cancellationToken);
            return [];
        };
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin) with { RequestTimeoutMs = 1_000 });
        PeerConnection connection = await pool.GetAsync(world.Server.Endpoint, null, default);
        Task[] stalled = [.. Enumerable.Range(0, 8).Select(_ => connection.StatusAsync(default, default).AsTask())];
        await world.AdvanceAsync(1_250); // a session looks four times a timeout
        foreach (Task request in stalled)
            Assert.Equal(ErrorKind.Timeout, (await Assert.ThrowsAsync<MegatorrentException>(() => request)).Kind);

        Task next = connection.StatusAsync(default, default).AsTask();
        Assert.True(next.IsCompleted); // at once, with no time gone by
        Assert.Equal(ErrorKind.Unreachable, (await Assert.ThrowsAsync<MegatorrentException>(() => next)).Kind);
        Assert.Equal(BreakerState.Open, pool.HealthOf(world.Server.Endpoint).State);
        await connection.PingAsync(default);
        Assert.NotEmpty(await connection.GossipAsync(new byte[1], default));
        Assert.NotEmpty(await connection.ProbeAsync(new byte[1], default));
        Assert.Equal(BreakerState.Open, pool.HealthOf(world.Server.Endpoint).State); // nor do they close it

        release.SetResult();
        await world.AdvanceAsync(1_000);
        Assert.NotNull(await connection.StatusAsync(default, default));
        PeerFigures figures = Assert.Single(pool.Figures);
        Assert.Equal((BreakerState.Closed, 1, 1, 8), (figures.State, figures.Opened, figures.Refused, figures.Failed));
        Assert.Equal(connection.Remote.Id, figures.Id);
    });

    [Fact]
    public void The_end_of_a_session_is_one_failure() => Pump.Run(async pump =>
    {
        await using World world = await World.CreateAsync(pump);
        world.Handler.Status = async (_, cancellationToken) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            return [];
        };
        await using var pool = new ConnectionPool(world.Transport, world.Options(Role.Admin));
        PeerConnection connection = await pool.GetAsync(world.Server.Endpoint, null, default);
        Task[] requests = [.. Enumerable.Range(0, 50).Select(_ => connection.StatusAsync(default, default).AsTask())];
        await pump.IdleAsync();
        world.Link.Cut();
        foreach (Task request in requests)
            Assert.Equal(ErrorKind.Unreachable, (await Assert.ThrowsAsync<MegatorrentException>(() => request)).Kind);
        Assert.Equal((BreakerState.Closed, 1), (pool.Figures[0].State, pool.Figures[0].Failed));
    });

    private PeerHealth Create(ulong seed = 1) => new("peer:1", new HealthOptions(), _time, new SeededRandomSource(seed));

    private static void Succeed(PeerHealth health) => health.Succeeded(health.Begin());

    private static void Fail(PeerHealth health) => health.Failed(health.Begin(), "lost it");

    private static void Open(PeerHealth health)
    {
        for (int i = 0; i < 8; i++)
            Fail(health);
        Assert.Equal(BreakerState.Open, health.State);
    }
}
