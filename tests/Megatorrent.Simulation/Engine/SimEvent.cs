namespace Megatorrent.Simulation.Engine;

/// <summary>Something that will happen at a time.</summary>
internal sealed class SimEvent(SimContext context, Action<object?> call, object? state)
{
    public SimContext Context { get; } = context;

    public bool IsCanceled { get; private set; }

    public void Cancel() => IsCanceled = true;

    public void Fire() => call(state);
}
