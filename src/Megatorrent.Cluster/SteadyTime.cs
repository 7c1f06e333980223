namespace Megatorrent.Cluster;

/// <summary>
/// A clock whose date follows its monotonic counter from the moment it was made, so that a clock that is set back or forward neither
/// stops the pings nor ends a grace time.
/// </summary>
internal sealed class SteadyTime : TimeProvider
{
    private readonly TimeProvider _inner;
    private readonly DateTimeOffset _origin;
    private readonly long _start;

    /// <summary>Starts from the date that <paramref name="inner"/> shows now.</summary>
    public SteadyTime(TimeProvider inner)
    {
        _inner = inner;
        _origin = inner.GetUtcNow();
        _start = inner.GetTimestamp();
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => _inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _origin + _inner.GetElapsedTime(_start);

    /// <inheritdoc/>
    public override long GetTimestamp() => _inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _inner.CreateTimer(callback, state, dueTime, period);
}
