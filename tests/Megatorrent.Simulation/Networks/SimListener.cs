using Megatorrent.Network;

namespace Megatorrent.Simulation.Networks;

/// <summary>A listening endpoint of one machine.</summary>
internal sealed class SimListener(SimNetwork network, SimHost host, string endpoint) : ITransportListener
{
    private readonly Queue<SimConnection> _offered = new();
    private TaskCompletionSource? _waiter;
    private bool _disposed;

    public SimHost Host { get; } = host;

    public string Endpoint { get; } = endpoint;

    public void Offer(SimConnection connection)
    {
        _offered.Enqueue(connection);
        Wake();
    }

    public async ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            cancellationToken.ThrowIfCancellationRequested();
            if (_offered.TryDequeue(out SimConnection? connection))
                return connection;
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (cancellationToken.UnsafeRegister(static waiter => ((TaskCompletionSource)waiter!).TrySetResult(), _waiter))
                await _waiter.Task;
        }
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        network.Remove(this);
        while (_offered.TryDequeue(out SimConnection? connection))
            connection.Abort();
        Wake();
        return ValueTask.CompletedTask;
    }

    private void Wake()
    {
        _waiter?.TrySetResult();
        _waiter = null;
    }
}
