namespace Megatorrent.Client;

/// <summary>
/// The pauses between attempts at a stripe of which too few nodes took or gave blobs because some did not answer: a node that restarts is
/// back within seconds. For one caller.
/// </summary>
internal sealed class ShortagePatience(ClusterDirectory directory)
{
    private const int FirstPauseMs = 250;
    private const int LongestPauseMs = 1_000;

    private readonly long _begun = directory.Time.GetTimestamp();
    private int _pauseMs = FirstPauseMs;

    /// <summary>Waits before the next attempt, and sees who is alive now; false at once when the time that the client's options give is over.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(_pauseMs);
        if (directory.Time.GetElapsedTime(_begun) + pause > directory.ShortagePatience)
            return false;
        await Task.Delay(pause, directory.Time, cancellationToken);
        await directory.RefreshAsync(cancellationToken);
        _pauseMs = Math.Min(2 * _pauseMs, LongestPauseMs);
        return true;
    }
}
