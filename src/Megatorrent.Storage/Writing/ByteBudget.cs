namespace Megatorrent.Storage.Writing;

/// <summary>
/// Bounds bytes under way, first come first served. A request larger than the whole budget is let through when nothing else is under way.
/// </summary>
internal sealed class ByteBudget(long capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _used;

    public async ValueTask AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            if (_waiters.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return;
            }
            waiter = new Waiter(bytes);
            node = _waiters.AddLast(waiter);
        }
        using CancellationTokenRegistration registration = cancellationToken.Register(() => Abandon(node, cancellationToken));
        await waiter.Ready.Task;
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            Admit();
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= capacity;

    private void Admit()
    {
        while (_waiters.First is { } node && Fits(node.Value.Bytes))
        {
            _waiters.RemoveFirst();
            _used += node.Value.Bytes;
            node.Value.Ready.TrySetResult();
        }
    }

    private void Abandon(LinkedListNode<Waiter> node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (node.List is null)
                return;
            _waiters.Remove(node);
            node.Value.Ready.TrySetCanceled(cancellationToken);
            Admit();
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
