namespace Megatorrent.Network.Sessions;

/// <summary>Waits that can be given up and stay on the scheduler of whoever waits.</summary>
/// <remarks>
/// <see cref="Task.WaitAsync(CancellationToken)"/> hops to the thread pool when the task is that of a completion source which runs its
/// continuations asynchronously, and so would leave a single-threaded simulation; behind a plain async method it does not.
/// </remarks>
public static class WaitExtensions
{
    /// <summary>Waits for a task, or until the token fires; the task goes on then.</summary>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public static async Task OrCanceledAsync(this Task task, CancellationToken cancellationToken)
    {
        await Relay(task).WaitAsync(cancellationToken);

        static async Task Relay(Task task) => await task;
    }

    /// <inheritdoc cref="OrCanceledAsync(Task, CancellationToken)"/>
    public static async Task<TResult> OrCanceledAsync<TResult>(this Task<TResult> task, CancellationToken cancellationToken)
    {
        return await Relay(task).WaitAsync(cancellationToken);

        static async Task<TResult> Relay(Task<TResult> task) => await task;
    }
}
