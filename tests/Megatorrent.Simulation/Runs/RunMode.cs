namespace Megatorrent.Simulation.Runs;

/// <summary>What a run is to show.</summary>
[Flags]
internal enum RunMode
{
    /// <summary>Nothing acknowledged is lost or wrong.</summary>
    Safety = 1,

    /// <summary>After the faults, full health within the bound.</summary>
    Liveness = 2,

    Both = Safety | Liveness,
}
