namespace Megatorrent.Cluster.Traffic;

/// <summary>Lets so many through in a second, with a burst. A mutable value; not thread-safe.</summary>
internal struct TokenBucket
{
    private double _tokens;
    private long _at;
    private bool _begun;

    /// <summary>Takes a token, if there is one.</summary>
    /// <param name="ratePerSecond">Tokens that come in a second.</param>
    /// <param name="burst">The most that are saved up.</param>
    /// <param name="time">The clock.</param>
    public bool TryTake(double ratePerSecond, double burst, TimeProvider time) =>
        TryTake(ratePerSecond, burst, TimeSpan.Zero, time, out _);

    /// <summary>Takes a token, of those that are there or of those that are still to come.</summary>
    /// <param name="ratePerSecond">Tokens that come in a second.</param>
    /// <param name="burst">The most that are saved up.</param>
    /// <param name="longestWait">How long the token may be in coming.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wait">How long it is.</param>
    public bool TryTake(double ratePerSecond, double burst, TimeSpan longestWait, TimeProvider time, out TimeSpan wait)
    {
        long now = time.GetTimestamp();
        _tokens = _begun ? Math.Min(burst, _tokens + (time.GetElapsedTime(_at, now).TotalSeconds * ratePerSecond)) : burst;
        (_at, _begun) = (now, true);
        wait = _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / ratePerSecond);
        if (wait > longestWait)
            return false;
        _tokens--;
        return true;
    }
}
