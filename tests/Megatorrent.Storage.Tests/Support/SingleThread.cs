namespace Megatorrent.Storage.Tests.Support;

/// <summary>Runs asynchronous code to its end on this one thread, in a fixed order, as a simulator does.</summary>
public sealed class SingleThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

    public static void Run(Func<Task> body)
    {
        SynchronizationContext? before = Current;
        var thread = new SingleThread();
        SetSynchronizationContext(thread);
        try
        {
            Task task = body();
            while (!task.IsCompleted)
            {
                if (!thread._queue.TryDequeue(out (SendOrPostCallback Callback, object? State) work))
                    throw new InvalidOperationException("Everything waits and nothing is left to run.");
                work.Callback(work.State);
            }
            while (thread._queue.TryDequeue(out (SendOrPostCallback Callback, object? State) rest))
                rest.Callback(rest.State);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);
}
