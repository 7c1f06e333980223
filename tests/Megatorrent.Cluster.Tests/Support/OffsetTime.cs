namespace Megatorrent.Cluster.Tests.Support;

/// <summary>The system's clock with a date that a test can push; timers and the monotonic counter run as they do.</summary>
internal sealed class OffsetTime : TimeProvider
{
    private long _offsetTicks;

    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _offsetTicks));
        set => Volatile.Write(ref _offsetTicks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
