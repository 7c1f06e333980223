namespace Megatorrent.Network.Sessions;

/// <summary>
/// A budget of bytes or turns. Whoever asks for more than is free waits in line, first come first served. Thread-safe; resumes on the
/// scheduler of whoever waits.
/// </summary>
internal sealed class FairBudget
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _line = new();
    private readonly long _capacity;
    private long _free;

    public FairBudget(long capacity) => _capacity = _free = capacity;

    private sealed class Waiter(long amount) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Amount { get; } = amount;
    }

    public long Free
    {
        get
        {
            lock (_gate)
                return _free;
        }
    }

    /// <summary>Takes <paramref name="amount"/>, at most the capacity, when it is there. The caller releases it.</summary>
    /// <exception cref="OperationCanceledException">The token fired; nothing was taken.</exception>
    public ValueTask AcquireAsync(long amount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, _capacity);
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_line.Count == 0 && _free >= amount)
            {
                _free -= amount;
                return ValueTask.CompletedTask;
            }
            node = _line.AddLast(new Waiter(amount));
        }
        return WaitAsync(node, cancellationToken);
    }

    public void Release(long amount)
    {
        lock (_gate)
        {
            _free += amount;
            AdmitNext();
        }
    }

    private async ValueTask WaitAsync(LinkedListNode<Waiter> node, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(_ => Withdraw(node, cancellationToken), null))
            await node.Value.Task;
    }

    private void Withdraw(LinkedListNode<Waiter> node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (node.List is null)
                return; // its turn came first
            _line.Remove(node);
            node.Value.TrySetCanceled(cancellationToken);
            AdmitNext(); // the next may want less than the one that left
        }
    }

    private void AdmitNext()
    {
        while (_line.First is { } first && _free >= first.Value.Amount)
        {
            _free -= first.Value.Amount;
            _line.RemoveFirst();
            first.Value.TrySetResult();
        }
    }
}
