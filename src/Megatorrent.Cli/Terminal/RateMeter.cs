namespace Megatorrent.Cli.Terminal;

/// <summary>
/// The present rate of a transfer: over the last few seconds, not since the start, so that the time left follows what happens now.
/// Not thread-safe.
/// </summary>
internal sealed class RateMeter
{
    /// <summary>How far back the rate looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(4);

    private readonly Queue<(TimeSpan At, long Bytes)> _samples = new();
    private (TimeSpan At, long Bytes) _last;

    /// <summary>Takes the count of bytes at a moment; a smaller count than before starts anew.</summary>
    public void Add(TimeSpan at, long bytes)
    {
        if (_samples.Count > 0 && bytes < _last.Bytes)
            _samples.Clear();
        _last = (at, bytes);
        _samples.Enqueue(_last);
        while (_samples.Count > 2 && at - _samples.Peek().At > Window)
            _samples.Dequeue();
    }

    /// <summary>Bytes a second; 0 while there are not two samples apart in time.</summary>
    public double BytesPerSecond
    {
        get
        {
            if (_samples.Count < 2)
                return 0;
            (TimeSpan at, long bytes) = _samples.Peek();
            double seconds = (_last.At - at).TotalSeconds;
            return seconds <= 0 ? 0 : (_last.Bytes - bytes) / seconds;
        }
    }
}
