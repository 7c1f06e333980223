using System.Runtime.ExceptionServices;

namespace Megatorrent.Network.Tests.Support;

/// <summary>
/// Runs a whole network on one thread: every continuation is queued here, so a run with one seed is always the same run. A callback that
/// arrives from another thread fails the test: the code under test must not leave its scheduler.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private readonly Queue<TaskCompletionSource> _idle = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _stray;

    /// <summary>Callbacks run so far: equal runs have equal counts.</summary>
    public long Steps { get; private set; }

    public static long Run(Func<Pump, Task> test)
    {
        SynchronizationContext? before = Current;
        var pump = new Pump();
        SetSynchronizationContext(pump);
        try
        {
            Task running = test(pump);
            pump.RunUntil(running);
            return pump.Steps;
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Completes when nothing is left to do but to wait for time to pass, or for the test.</summary>
    public Task IdleAsync()
    {
        var idle = new TaskCompletionSource();
        _idle.Enqueue(idle);
        return idle.Task;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _stray = Environment.StackTrace;
            return;
        }
        _queue.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    private void RunUntil(Task running)
    {
        while (!running.IsCompleted)
        {
            if (_queue.TryDequeue(out var next))
            {
                Steps++;
                next.Callback(next.State);
            }
            else if (_idle.TryDequeue(out TaskCompletionSource? idle))
            {
                idle.SetResult();
            }
            else
            {
                throw new InvalidOperationException(
                    "Nothing is left to run, and the test has not ended: something hangs"
                    + (_stray is { } stray ? ", because a callback left the scheduler: " + stray : "."));
            }
        }
        if (_stray is { } escaped)
            throw new InvalidOperationException("A callback left the scheduler: " + escaped);
        if (running.IsFaulted)
            ExceptionDispatchInfo.Throw(running.Exception!.InnerException!);
        running.GetAwaiter().GetResult();
    }
}
