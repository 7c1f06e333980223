namespace Megatorrent.Storage.Writing;

/// <summary>
/// Bounds what is under way, in whatever unit, first come first served. A request larger than the whole budget is let through when
/// nothing else is under way. A budget of 1 is a lock that may be held over an await; unlike SemaphoreSlim it leaves no thread.
/// </summary>
internal sealed class Budget(long capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _used;

    public async ValueTask AcquireAsync(long amount, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            if (_waiters.Count == 0 && Fits(amount))
            {
                _used += amount;
                return;
            }
            waiter = new Waiter(amount);
            node = _waiters.AddLast(waiter);
        }
        using CancellationTokenRegistration registration = cancellationToken.Register(() => Abandon(node, cancellationToken));
        await waiter.Ready.Task;
    }

    public void Release(long amount)
    {
        lock (_gate)
        {
            _used -= amount;
            Admit();
        }
    }

    private bool Fits(long amount) => _used == 0 || _used + amount <= capacity;

    private void Admit()
    {
        while (_waiters.First is { } node && Fits(node.Value.Amount))
        {
            _waiters.RemoveFirst();
            _used += node.Value.Amount;
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

    private sealed class Waiter(long amount)
    {
        public long Amount { get; } = amount;

        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
