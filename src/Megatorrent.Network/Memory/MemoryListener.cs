using Megatorrent.Network.Sessions;

namespace Megatorrent.Network.Memory;

/// <summary>A listening endpoint of a <see cref="MemoryTransport"/>.</summary>
internal sealed class MemoryListener(MemoryTransport transport, string endpoint) : ITransportListener
{
    private readonly Lock _gate = new();
    private readonly Queue<MemoryConnection> _offered = new();
    private TaskCompletionSource? _waiter;
    private bool _disposed;

    public string Endpoint { get; } = endpoint;

    public bool TryOffer(MemoryConnection connection)
    {
        lock (_gate)
        {
            if (_disposed)
                return false;
            _offered.Enqueue(connection);
            _waiter?.TrySetResult();
            _waiter = null;
            return true;
        }
    }

    public async ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_offered.TryDequeue(out MemoryConnection? connection))
                    return connection;
                wait = (_waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await wait.OrCanceledAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_offered.TryDequeue(out MemoryConnection? connection))
                connection.Abort();
            _waiter?.TrySetResult();
            _waiter = null;
        }
        transport.Remove(this);
        return ValueTask.CompletedTask;
    }
}
