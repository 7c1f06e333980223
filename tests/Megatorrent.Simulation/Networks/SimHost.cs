using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Networks;

/// <summary>A machine on the network: the process that runs on it now, and its connections.</summary>
internal sealed class SimHost(int number, string name)
{
    public int Number { get; } = number;

    public string Name { get; } = name;

    /// <summary>The running process; null when there is none.</summary>
    public SimContext? Context { get; set; }

    /// <summary>A machine without power answers nothing; one whose process died refuses.</summary>
    public bool HasPower { get; set; } = true;

    public List<SimConnection> Connections { get; } = [];
}
