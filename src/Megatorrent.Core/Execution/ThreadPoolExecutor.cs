namespace Megatorrent.Core.Execution;

/// <summary>Runs work on the .NET thread pool: the product's executor.</summary>
public sealed class ThreadPoolExecutor : IWorkExecutor
{
    /// <summary>The one instance; it has no state.</summary>
    public static ThreadPoolExecutor Instance { get; } = new();

    // By default the pool gives what a worker starts to that worker, the last first: a flush would wait behind the write that was to run
    // beside it.
    private const TaskCreationOptions Fairly = TaskCreationOptions.PreferFairness | TaskCreationOptions.DenyChildAttach;

    private ThreadPoolExecutor()
    {
    }

    /// <inheritdoc/>
    public int Parallelism { get; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    public ValueTask<TResult> RunAsync<TState, TResult>(Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default) =>
        new(Task.Factory.StartNew(
            static boxed =>
            {
                var (work, state) = ((Func<TState, TResult>, TState))boxed!;
                return work(state);
            },
            (work, state), cancellationToken, Fairly, TaskScheduler.Default));
}
