namespace Megatorrent.Core.Execution;

/// <summary>Runs work on the caller's thread before it returns: deterministic, for simulations and tests.</summary>
public sealed class InlineExecutor : IWorkExecutor
{
    /// <summary>The one instance; it has no state.</summary>
    public static InlineExecutor Instance { get; } = new();

    private InlineExecutor()
    {
    }

    /// <inheritdoc/>
    public int Parallelism => 1;

    /// <inheritdoc/>
    public ValueTask<TResult> RunAsync<TState, TResult>(Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        try
        {
            return new ValueTask<TResult>(work(state));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<TResult>(exception);
        }
    }
}
