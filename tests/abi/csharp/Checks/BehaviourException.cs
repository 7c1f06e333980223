namespace Megatorrent.Abi.Suite.Checks;

/// <summary>A behaviour was not seen; the message says what was seen instead.</summary>
internal sealed class BehaviourException(string message) : Exception(message);
