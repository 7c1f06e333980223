using Megatorrent.Core.Execution;

namespace Megatorrent.Simulation.Engine;

/// <summary>Runs the heavy work of one process after a moment of virtual time, as a thread pool and a disk would; sometimes at once.</summary>
internal sealed class SimExecutor(SimContext context, SimRandom random, Func<TimeSpan> slowness) : IWorkExecutor
{
    private const double AtOnce = 0.5;
    private const int DelayTicksMax = 20_000; // 2 ms

    public int Parallelism => 2;

    public ValueTask<TResult> RunAsync<TState, TResult>(Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default)
    {
        TimeSpan slow = slowness();
        if (slow == TimeSpan.Zero && random.Chance(AtOnce))
            return InlineExecutor.Instance.RunAsync(work, state, cancellationToken);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Scheduler.After(slow.Ticks + random.Below(DelayTicksMax), context, _ =>
        {
            try
            {
                done.SetResult(work(state));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }, null);
        return new ValueTask<TResult>(done.Task);
    }
}
