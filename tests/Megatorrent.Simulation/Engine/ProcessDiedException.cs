namespace Megatorrent.Simulation.Engine;

/// <summary>The simulated process that was asked has died.</summary>
internal sealed class ProcessDiedException() : Exception("The process died.");
