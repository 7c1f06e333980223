namespace Megatorrent.Simulation.Engine;

/// <summary>
/// Where the code of one process runs. When the process dies nothing of it runs any more: what was posted is dropped, as its memory is.
/// </summary>
internal sealed class SimContext(SimScheduler scheduler, int number) : SynchronizationContext
{
    private readonly List<Action> _onDeath = [];

    public SimScheduler Scheduler { get; } = scheduler;

    public int Number { get; } = number;

    public bool IsAlive { get; private set; } = true;

    /// <summary>The process stands still until then, as one that is swapped out does.</summary>
    public long StalledUntil { get; set; }

    public override void Post(SendOrPostCallback d, object? state) => Scheduler.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    public void Kill()
    {
        IsAlive = false;
        foreach (Action action in _onDeath)
            action();
        _onDeath.Clear();
    }

    /// <summary>Runs work in this context for a caller in another; fails with <see cref="ProcessDiedException"/> if the process dies first.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!IsAlive)
        {
            result.SetException(new ProcessDiedException());
            return result.Task;
        }
        _onDeath.Add(() => result.TrySetException(new ProcessDiedException()));
        Post(async _ =>
        {
            try
            {
                result.TrySetResult(await work());
            }
            catch (Exception exception)
            {
                result.TrySetException(exception);
            }
        }, null);
        return result.Task;
    }

    /// <summary>Completes after a span of virtual time.</summary>
    public Task DelayAsync(TimeSpan span)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scheduler.After(span.Ticks, this, static state => ((TaskCompletionSource)state!).TrySetResult(), done);
        return done.Task;
    }
}
