using Megatorrent.Client;
using Megatorrent.Core.Wire;

namespace Megatorrent.Native.Operations;

/// <summary>
/// A client behind a handle. It counts what is under way through it, so that closing can cancel all of that and wait for it. Thread-safe.
/// </summary>
internal sealed class ClientHolder(MegatorrentClient client, Credential credential)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;
    private bool _isClosed;

    /// <summary>The client; used inside <see cref="RunAsync"/> only.</summary>
    public MegatorrentClient Client => client;

    /// <summary>Cancelled when the client begins to close.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Runs <paramref name="work"/>, whose token is cancelled by <paramref name="cancellationToken"/> and by closing.</summary>
    /// <exception cref="StatusException">Canceled: the client is closed, or was while the work ran.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (!TryEnter())
            throw Closed();
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            await work(stop.Token);
        }
        catch (Exception exception) when (_closing.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
        {
            throw Closed();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Makes closing wait until <see cref="Leave"/>.</summary>
    /// <returns>False if the client is closed: there is nothing to leave then.</returns>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            _underWay++;
            return true;
        }
    }

    /// <summary>Ends what a successful <see cref="TryEnter"/> began.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_underWay == 0 && _isClosed)
                _idle.TrySetResult();
        }
    }

    /// <summary>Throws if the client is closed.</summary>
    public void ThrowIfClosed()
    {
        if (_isClosed)
            throw Closed();
    }

    /// <summary>Cancels what is under way, waits for it, and closes the connections. Once; a second call waits for nothing.</summary>
    public async Task CloseAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (_underWay == 0)
                _idle.TrySetResult();
        }

        await _closing.CancelAsync();
        await _idle.Task;
        await client.DisposeAsync();
        credential.Dispose();
    }

    private static StatusException Closed() => new(Status.Canceled, "The client was closed.");
}
