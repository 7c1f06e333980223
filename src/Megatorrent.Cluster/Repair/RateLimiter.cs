namespace Megatorrent.Cluster.Repair;

/// <summary>
/// A token bucket: at most a second's worth at once, then the set rate, which can be changed at any time. A request larger than the bucket
/// goes into debt, so that one large blob passes at a small rate. Thread-safe.
/// </summary>
/// <param name="bytesPerSecond">The rate; 0 for no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class RateLimiter(long bytesPerSecond, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1); // then the rate may be another

    private readonly Lock _gate = new();
    private long _set = bytesPerSecond;
    private long _rate = bytesPerSecond; // what holds now
    private long? _limit;
    private double _served = bytesPerSecond; // bytes that might have been moved by now
    private double _taken;                   // bytes that were asked for
    private long _refilled = time.GetTimestamp();

    /// <summary>Bytes a second; 0 for no limit. Who waits already goes on at the new rate within a second.</summary>
    public long BytesPerSecond
    {
        get
        {
            lock (_gate)
                return _rate;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            lock (_gate)
            {
                _set = value;
                Change();
            }
        }
    }

    /// <summary>A lower rate for the time being; null for the set one.</summary>
    public long? Limit
    {
        set
        {
            lock (_gate)
            {
                _limit = value;
                Change();
            }
        }
    }

    /// <summary>Waits until <paramref name="bytes"/> may be moved.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        double place;
        lock (_gate)
        {
            Refill();
            _taken += bytes;
            place = _taken;
        }
        while (true)
        {
            TimeSpan wait;
            lock (_gate)
            {
                Refill();
                double missing = place - _served;
                if (_rate == 0 || missing < 0.5)
                    return;
                wait = TimeSpan.FromSeconds(Math.Min(missing / _rate, LongestWait.TotalSeconds));
            }
            await Task.Delay(wait < LongestWait ? wait + TimeSpan.FromTicks(1) : LongestWait, time, cancellationToken);
        }
    }

    private void Change()
    {
        Refill();
        _rate = _set == 0 ? 0 : Math.Clamp(_limit ?? _set, 1, _set);
    }

    // A double is exact to a byte up to 8 PiB.
    private void Refill()
    {
        long now = time.GetTimestamp();
        double seconds = time.GetElapsedTime(_refilled, now).TotalSeconds;
        _refilled = now;
        _served = _rate == 0 ? _taken : Math.Min(_served + (seconds * _rate), _taken + _rate);
    }
}
