namespace Megatorrent.Native.Operations;

/// <summary>
/// A stream behind a handle: one call at a time; after a failure every call fails in the same way; destroyed while a call is under way it
/// ends that call. Thread-safe.
/// </summary>
internal sealed class StreamHolder<TStream>
    where TStream : IAsyncDisposable
{
    private readonly TStream _stream;
    private readonly CancellationTokenRegistration _closing;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _destroying = new();
    private (Status Status, string Detail)? _failure;
    private bool _isBusy;
    private bool _isDestroyed;

    /// <summary>Takes a stream over.</summary>
    /// <param name="client">The client that it goes through.</param>
    /// <param name="stream">A download or upload; disposed when both the handle is destroyed and no call is under way.</param>
    /// <param name="cancel">Stops what the stream has under way between calls; when the client closes.</param>
    public StreamHolder(ClientHolder client, TStream stream, Action<TStream> cancel)
    {
        Client = client;
        _stream = stream;
        _closing = client.Closing.UnsafeRegister(_ => cancel(stream), null);
    }

    /// <summary>The client.</summary>
    public ClientHolder Client { get; }

    /// <summary>Makes one call on the stream.</summary>
    /// <exception cref="StatusException">State: a call is under way already. Or the failure that ended the stream.</exception>
    public async Task<T> UseAsync<T>(Func<TStream, CancellationToken, ValueTask<T>> use, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_isBusy)
                throw new StatusException(Status.State, "Another call on this stream is under way.");
            if (_isDestroyed)
                throw new StatusException(Status.Canceled, "The stream was destroyed.");
            if (_failure is { } failure)
                throw new StatusException(failure.Status, failure.Detail);
            _isBusy = true;
        }

        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _destroying.Token);
            return await use(_stream, stop.Token);
        }
        catch (Exception exception)
        {
            lock (_gate)
                _failure ??= (StatusText.From(exception), Call.Describe(exception));
            throw;
        }
        finally
        {
            bool dispose;
            lock (_gate)
            {
                _isBusy = false;
                dispose = _isDestroyed;
            }

            if (dispose)
                await _stream.DisposeAsync();
        }
    }

    /// <summary>Lets every further call fail in this way: there is nothing more to do with the stream.</summary>
    public void Close(Status status, string detail)
    {
        lock (_gate)
            _failure ??= (status, detail);
    }

    /// <summary>Ends the stream, and cancels a call that is under way.</summary>
    public async Task DestroyAsync()
    {
        bool dispose;
        lock (_gate)
        {
            if (_isDestroyed)
                return;
            _isDestroyed = true;
            dispose = !_isBusy;
        }

        _closing.Unregister();
        await _destroying.CancelAsync();
        if (dispose)
            await _stream.DisposeAsync();
    }
}
