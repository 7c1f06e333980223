namespace Megatorrent.Storage.Tests.Support;

/// <summary>A clock that jumps to the next timer whenever one is made, and keeps count of the time that was waited.</summary>
public sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public TimeSpan Elapsed => new(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _ticks += Math.Max(0, dueTime.Ticks);
        return new Timer(SynchronizationContext.Current!, callback, state);
    }

    private sealed class Timer : ITimer
    {
        public Timer(SynchronizationContext context, TimerCallback callback, object? state) => context.Post(_ => callback(state), null);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
