using Megatorrent.Core;
using Megatorrent.Core.Execution;

namespace Megatorrent.Cluster.Tests.Leases;

/// <summary>Runs asynchronous code on this one thread, each time going on with a seeded choice of what could go on.</summary>
internal sealed class SeededSchedule(ulong seed) : SynchronizationContext, IWorkExecutor
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    public SeededRandomSource Random { get; } = new(seed);

    public int Parallelism => 1;

    public int Steps { get; private set; }

    public void Run(Func<Task> body)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            Task task = body();
            while (!task.IsCompleted)
            {
                if (_ready.Count == 0)
                    throw new InvalidOperationException("Everything waits and nothing is left to run.");
                int at = Random.Next(_ready.Count);
                (SendOrPostCallback callback, object? state) = _ready[at];
                _ready.RemoveAt(at);
                Steps++;
                callback(state);
            }
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public async ValueTask<TResult> RunAsync<TState, TResult>(
        Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default)
    {
        await Task.Yield(); // others come between
        return work(state);
    }
}
