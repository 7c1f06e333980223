using Megatorrent.Core.Execution;

namespace Megatorrent.Storage.Tests.Support;

/// <summary>Keeps work until the test lets it run, so that a test decides what waits together.</summary>
public sealed class ManualExecutor : IWorkExecutor
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Action> _queue = new();

    public int Parallelism => 1;

    public bool RunInline { get; set; }

    /// <summary>Whether new work overtakes what waits already, as short reads overtake a long flush.</summary>
    public bool NewestFirst { get; set; }

    public ValueTask<TResult> RunAsync<TState, TResult>(
        Func<TState, TResult> work, TState state, CancellationToken cancellationToken = default)
    {
        if (RunInline)
            return InlineExecutor.Instance.RunAsync(work, state, cancellationToken);
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _queue.AddLast(() =>
            {
                try
                {
                    done.SetResult(work(state));
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            });
        }
        return new ValueTask<TResult>(done.Task);
    }

    /// <summary>Runs one piece of work; false if there is none.</summary>
    public bool RunOne()
    {
        LinkedListNode<Action>? work;
        lock (_gate)
        {
            work = NewestFirst ? _queue.Last : _queue.First;
            if (work is null)
                return false;
            _queue.Remove(work);
        }
        work.Value();
        return true;
    }

    public void RunAll()
    {
        while (RunOne())
        {
        }
    }

    /// <summary>Runs work and lets continuations run until a task has ended.</summary>
    public async Task RunUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            RunOne();
            await Task.Yield();
        }
    }
}
