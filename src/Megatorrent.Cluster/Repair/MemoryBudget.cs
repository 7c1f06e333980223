namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Bytes that may be in use at once. Waiters are served in order, and one that wants more than there is gets everything. Thread-safe.
/// </summary>
internal sealed class MemoryBudget
{
    private readonly long _total;
    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Turn)> _waiting = new();
    private long _free;

    /// <summary>Starts with everything free.</summary>
    /// <param name="totalBytes">Bytes that there are.</param>
    public MemoryBudget(long totalBytes)
    {
        _total = totalBytes;
        _free = totalBytes;
    }

    /// <summary>
    /// Waits for <paramref name="bytes"/>, or for all there is if that is less, and returns what was taken, to be given back.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask<long> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        bytes = Math.Min(bytes, _total);
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _free >= bytes)
            {
                _free -= bytes;
                return bytes;
            }
            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, turn));
        }
        await using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), turn))
            await turn.Task;
        return bytes;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            _free += bytes;
            while (_waiting.TryPeek(out (long Bytes, TaskCompletionSource Turn) next) && _free >= next.Bytes)
            {
                _waiting.Dequeue();
                if (next.Turn.TrySetResult())
                    _free -= next.Bytes;
            }
        }
    }
}
