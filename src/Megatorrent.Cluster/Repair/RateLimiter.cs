namespace Megatorrent.Cluster.Repair;

/// <summary>
/// A token bucket: at most a second's worth at once, then the set rate. A request larger than the bucket goes into debt, so that one
/// large blob passes at a small rate. Thread-safe.
/// </summary>
/// <param name="bytesPerSecond">The rate; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class RateLimiter(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _tokens = bytesPerSecond;
    private long _refilled = time.GetTimestamp();

    /// <summary>Waits until <paramref name="bytes"/> may be moved.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
            return;
        TimeSpan wait;
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _tokens = Math.Min(bytesPerSecond, _tokens + time.GetElapsedTime(_refilled, now).TotalSeconds * bytesPerSecond);
            _refilled = now;
            _tokens -= bytes;
            wait = _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / bytesPerSecond);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }
}
