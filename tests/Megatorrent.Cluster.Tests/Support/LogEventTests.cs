using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Tests.Support;

public class LogEventTests
{
    private static readonly NodeId Node = new([0x1f, 0x2e, 0x3d, 0x4c, 0x5b, .. new byte[27]]);

    [Fact]
    public void A_line_has_time_level_node_and_what()
    {
        var entry = new LogEvent(new DateTimeOffset(2026, 11, 21, 12, 2, 3, 456, TimeSpan.FromHours(2)), LogLevel.Info, Node,
            "member 9a8b suspect: no answer for 1.2 s");
        Assert.Equal("2026-11-21T10:02:03.456Z info 1f2e3d4c5b member 9a8b suspect: no answer for 1.2 s", entry.ToString());
    }

    [Fact]
    public void A_peers_text_cannot_start_a_second_line()
    {
        string line = new LogEvent(TestKeys.Start, LogLevel.Warn, Node, "it said: \n2026 error\r\u001b[2J\u007f").ToString();
        Assert.DoesNotContain(line, char.IsControl);
        Assert.EndsWith("it said:  2026 error  [2J ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_set_before_the_wait_is_not_lost_and_ends_one_wait()
    {
        var time = new ManualTime();
        var signal = new AsyncSignal(time);
        signal.Set();
        signal.Set();
        await signal.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None);
        Task waiting = signal.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromHours(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        using var cut = new CancellationTokenSource();
        Task cancelled = signal.WaitAsync(TimeSpan.FromHours(1), cut.Token).AsTask();
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(0, time.TimerCount);
    }

    [Fact]
    public void A_clock_that_is_set_does_not_move_the_steady_one()
    {
        var time = new OffsetTime();
        var steady = new SteadyTime(time);
        DateTimeOffset before = steady.GetUtcNow();
        time.Offset = TimeSpan.FromDays(-3);
        Assert.InRange(steady.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }
}
