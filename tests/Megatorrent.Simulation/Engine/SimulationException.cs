namespace Megatorrent.Simulation.Engine;

/// <summary>A run has shown something that must not be.</summary>
/// <param name="kind">What was violated, one word.</param>
/// <param name="message">What happened.</param>
internal sealed class SimulationException(string kind, string message) : Exception(message)
{
    public string Kind { get; } = kind;
}
