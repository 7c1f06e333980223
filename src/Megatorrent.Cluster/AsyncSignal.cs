namespace Megatorrent.Cluster;

/// <summary>Wakes one waiter, now or when it next waits. Thread-safe; several sets before a wait are one.</summary>
internal sealed class AsyncSignal(TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1); // timers cannot wait for ever; the caller loops anyway

    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    /// <summary>Wakes the waiter.</summary>
    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }
        waiter?.TrySetResult();
    }

    /// <summary>Waits until <see cref="Set"/> or until <paramref name="timeout"/> has passed. One caller at a time.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async ValueTask WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return;
            }
            if (timeout <= TimeSpan.Zero)
                return;
            waiter = _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        // Completed by whichever comes first. No WhenAny: it would hop to the thread pool, and so leave a single-threaded simulation.
        await using (time.CreateTimer(Complete, waiter, timeout < LongestWait ? timeout : LongestWait, Timeout.InfiniteTimeSpan))
        {
            using CancellationTokenRegistration canceled = cancellationToken.UnsafeRegister(Complete, waiter);
            await waiter.Task;
        }
        lock (_gate)
        {
            if (ReferenceEquals(_waiter, waiter))
                _waiter = null;
        }
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Complete(object? waiter) => ((TaskCompletionSource)waiter!).TrySetResult();
}
