using Megatorrent.Core;
using Megatorrent.Core.Execution;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>
/// Runs work some turns of the one thread later, as chance has it: what is asked for meanwhile waits together, is written together, and is
/// written behind what is being flushed.
/// </summary>
internal sealed class LateExecutor(ulong seed) : IWorkExecutor
{
    private const int TurnsMax = 6;

    private readonly SeededRandomSource _random = new(seed);

    public int Parallelism => 1;

    public async ValueTask<TResult> RunAsync<TState, TResult>(Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default)
    {
        for (int turns = _random.Next(TurnsMax + 1); turns > 0; turns--)
            await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return work(state);
    }
}
