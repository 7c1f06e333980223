using Megatorrent.Core;

namespace Megatorrent.Cli.Terminal;

/// <summary>
/// The time limit of a transfer: it ends an operation that has made no progress for a while, however long the operation may take as a
/// whole. So nothing hangs, and a slow large file is not cut off.
/// </summary>
internal sealed class StallGuard : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _outer;
    private readonly ITimer _timer;
    private readonly TimeSpan _limit;
    private volatile bool _stalled;

    /// <summary>Starts the clock. <paramref name="limit"/> of zero means no limit.</summary>
    public StallGuard(TimeProvider time, TimeSpan limit, CancellationToken cancellationToken)
    {
        _outer = cancellationToken;
        _limit = limit > TimeSpan.Zero ? limit : Timeout.InfiniteTimeSpan;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = time.CreateTimer(static state => ((StallGuard)state!).Expire(), this, _limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled by the caller's token or by the limit.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Something moved: the limit starts anew.</summary>
    public void Progressed() => _timer.Change(_limit, Timeout.InfiniteTimeSpan);

    /// <summary>Runs <paramref name="work"/> under the limit.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Timeout"/>: no progress within the limit.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> work)
    {
        try
        {
            return await work(_source.Token);
        }
        catch (Exception exception) when (_stalled && !_outer.IsCancellationRequested && IsCancellation(exception))
        {
            throw new MegatorrentException(
                ErrorKind.Timeout,
                $"no progress for {Human.Elapsed(_limit)}; nodes may be down or very slow (--timeout changes the limit)", exception);
        }
    }

    /// <summary>Whether the exception says that a token was cancelled, in either of the two ways the houses say so.</summary>
    public static bool IsCancellation(Exception exception) =>
        exception is OperationCanceledException or MegatorrentException { Kind: ErrorKind.Canceled };

    private void Expire()
    {
        _stalled = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The operation ended at the same moment.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }
}
