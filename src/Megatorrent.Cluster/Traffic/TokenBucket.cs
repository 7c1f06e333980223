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
    public bool TryTake(double ratePerSecond, double burst, TimeProvider time)
    {
        long now = time.GetTimestamp();
        _tokens = _begun ? Math.Min(burst, _tokens + (time.GetElapsedTime(_at, now).TotalSeconds * ratePerSecond)) : burst;
        (_at, _begun) = (now, true);
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
