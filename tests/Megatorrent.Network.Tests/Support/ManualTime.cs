namespace Megatorrent.Network.Tests.Support;

/// <summary>
/// A clock that stands still until it is told to go on; timers fire inside <see cref="Advance"/>, in the order of their times.
/// </summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + new TimeSpan(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>How long until the next timer fires; null when none is set.</summary>
    public TimeSpan? NextTimerIn
    {
        get
        {
            lock (_gate)
                return _timers.Count == 0 ? null : _timers.Min(timer => timer.DueAt) - _elapsed;
        }
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan until;
        lock (_gate)
            until = _elapsed + by;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(timer => timer.DueAt <= until).MinBy(timer => timer.DueAt);
                if (next is null)
                {
                    _elapsed = until;
                    return;
                }
                if (next.DueAt > _elapsed)
                    _elapsed = next.DueAt;
                next.Rearm();
            }
            next.Fire();
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                DueAt = time._elapsed + dueTime;
                time._timers.Add(this);
                return true;
            }
        }

        public void Rearm()
        {
            if (_period > TimeSpan.Zero)
                DueAt += _period;
            else
                time._timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time._gate)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
