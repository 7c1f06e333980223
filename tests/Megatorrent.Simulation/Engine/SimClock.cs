namespace Megatorrent.Simulation.Engine;

/// <summary>The clock of one process: ahead or behind by an offset that can jump, and fast or slow by a rate that cannot.</summary>
internal sealed class SimClock(SimContext context, double rate, TimeSpan offset) : TimeProvider
{
    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far the date is ahead of the true one.</summary>
    public TimeSpan Offset { get; set; } = offset;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => (long)(context.Scheduler.Now * rate);

    public override DateTimeOffset GetUtcNow() => Origin + Offset + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimClock clock, TimerCallback callback, object? state) : ITimer
    {
        private SimEvent? _next;
        private TimeSpan _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _next?.Cancel();
            _next = null;
            if (_disposed)
                return false;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Start(dueTime);
            return true;
        }

        public void Dispose()
        {
            _disposed = true;
            _next?.Cancel();
            _next = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Start(TimeSpan due) => _next = clock.Context.Scheduler.After(
            (long)(due.Ticks / clock.Rate) + 1, clock.Context, static timer => ((Timer)timer!).Fire(), this);

        private void Fire()
        {
            if (_period > TimeSpan.Zero)
                Start(_period);
            callback(state);
        }
    }

    private SimContext Context => context;

    private double Rate => rate;
}
