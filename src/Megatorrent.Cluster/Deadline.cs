namespace Megatorrent.Cluster;

/// <summary>A token that fires with the caller's or after a time, on an injected clock.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    /// <summary>Starts the time.</summary>
    public Deadline(int milliseconds, TimeProvider time, CancellationToken cancellationToken)
    {
        _timer = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _linked.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
