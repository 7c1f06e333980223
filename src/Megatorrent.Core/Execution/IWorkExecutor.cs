namespace Megatorrent.Core.Execution;

/// <summary>
/// Runs heavy work (sealing, hashing, encoding, file I/O) away from the scheduler that coordinates: on a thread pool in the product,
/// inline in a simulation.
/// </summary>
public interface IWorkExecutor
{
    /// <summary>How many pieces of work make sense at once: the number of processors, or 1 where work runs inline.</summary>
    int Parallelism { get; }

    /// <summary>Runs <paramref name="work"/> and completes with its result, or faults with its exception.</summary>
    ValueTask<TResult> RunAsync<TState, TResult>(Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default);
}
