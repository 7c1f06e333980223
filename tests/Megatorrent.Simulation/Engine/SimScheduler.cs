namespace Megatorrent.Simulation.Engine;

/// <summary>
/// Virtual time and the one queue of a simulation. What is ready runs in an order drawn from the seed; when nothing is, time jumps to the
/// next timer. Everything happens on the thread that calls <see cref="RunUntil"/>; work that arrives from another is a defect of the code
/// under test, and fails the run.
/// </summary>
internal sealed class SimScheduler(ulong seed)
{
    private const ulong Prime = 0x100000001B3;

    private readonly SimRandom _random = SimRandom.Of(seed, "scheduler");
    private readonly List<(SimContext Context, SendOrPostCallback Call, object? State)> _ready = [];
    private readonly PriorityQueue<SimEvent, (long At, long Number)> _timers = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _left;
    private long _numbers;

    /// <summary>Ticks of 100 ns since the simulation began.</summary>
    public long Now { get; private set; }

    /// <summary>Pieces of work done.</summary>
    public long Step { get; private set; }

    /// <summary>A hash over everything that happened, in order.</summary>
    public ulong Trace { get; private set; } = 0xCBF29CE484222325;

    public TimeSpan Elapsed => TimeSpan.FromTicks(Now);

    public void Note(ulong what) => Trace = (Trace ^ what) * Prime;

    public void Post(SimContext context, SendOrPostCallback call, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            _left ??= $"Work left the simulation's thread:{Environment.NewLine}{Environment.StackTrace}";
            return;
        }
        if (context.IsAlive)
            _ready.Add((context, call, state));
    }

    /// <summary>Runs <paramref name="call"/> in a context after <paramref name="delay"/> ticks, unless the event is canceled before.</summary>
    public SimEvent After(long delay, SimContext context, Action<object?> call, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            _left ??= $"A timer was started off the simulation's thread:{Environment.NewLine}{Environment.StackTrace}";
        var happening = new SimEvent(context, call, state);
        _timers.Enqueue(happening, (Now + Math.Max(0, delay), _numbers++));
        return happening;
    }

    public SimEvent After(TimeSpan delay, SimContext context, Action call) =>
        After(delay.Ticks, context, static state => ((Action)state!)(), call);

    /// <summary>Runs until the task has ended.</summary>
    /// <exception cref="SimulationException">Nothing is left to do, the limit of steps is reached, or work left the thread.</exception>
    public void RunUntil(Task task, long stepLimit)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        try
        {
            while (!task.IsCompleted)
            {
                if (_left is { } left)
                    throw new SimulationException("nondeterminism", left);
                if (Step >= stepLimit)
                    throw new SimulationException("livelock", $"{stepLimit} steps and no end.");
                if (!RunOne())
                    throw new SimulationException("deadlock", "Nothing is left to do, and the run has not ended.");
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private bool RunOne()
    {
        if (_ready.Count > 0)
        {
            int pick = _random.Below(_ready.Count);
            (SimContext context, SendOrPostCallback call, object? state) = _ready[pick];
            _ready[pick] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            if (context.StalledUntil > Now)
                After(context.StalledUntil - Now, context, static again => ((Action)again!)(), () => Post(context, call, state));
            else
                Run(context, call, state);
            return true;
        }
        if (!_timers.TryDequeue(out SimEvent? next, out (long At, long Number) key))
            return false;
        Now = Math.Max(Now, key.At);
        if (next.IsCanceled || !next.Context.IsAlive)
            return true;
        if (next.Context.StalledUntil > Now)
        {
            _timers.Enqueue(next, (next.Context.StalledUntil, _numbers++));
            return true;
        }
        Run(next.Context, static state => ((SimEvent)state!).Fire(), next);
        return true;
    }

    private void Run(SimContext context, SendOrPostCallback call, object? state)
    {
        if (!context.IsAlive)
            return;
        Step++;
        Note(((ulong)Now << 8) ^ (ulong)(uint)context.Number);
        SynchronizationContext.SetSynchronizationContext(context);
        call(state);
    }
}
