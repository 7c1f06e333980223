namespace Megatorrent.Cluster.Repair;

/// <summary>
/// A token bucket: at most a second's worth at once, then the set rate. A request larger than the bucket goes into debt, so that one
/// large blob passes at a small rate. Thread-safe.
/// </summary>
internal sealed class RateLimiter
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _set;
    private long _limit; // what holds now
    private double _tokens;
    private long _refilled;

    /// <summary>A full bucket.</summary>
    /// <param name="bytesPerSecond">The rate; 0 for no limit.</param>
    /// <param name="time">The clock.</param>
    public RateLimiter(long bytesPerSecond, TimeProvider time)
    {
        _time = time;
        _set = bytesPerSecond;
        _limit = bytesPerSecond;
        _tokens = bytesPerSecond;
        _refilled = time.GetTimestamp();
    }

    /// <summary>A lower rate for the time being; null for the set one.</summary>
    public long? Limit
    {
        set
        {
            lock (_gate)
                _limit = _set == 0 ? 0 : Math.Clamp(value ?? _set, 1, _set);
        }
    }

    /// <summary>Waits until <paramref name="bytes"/> may be moved.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        if (_set == 0)
            return;
        TimeSpan wait;
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            _tokens = Math.Min(_limit, _tokens + _time.GetElapsedTime(_refilled, now).TotalSeconds * _limit);
            _refilled = now;
            _tokens -= bytes;
            wait = _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _limit);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _time, cancellationToken);
    }
}
