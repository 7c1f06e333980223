namespace Megatorrent.Abi.Suite.Checks;

/// <summary>A behaviour cannot be shown here; the message says why.</summary>
internal sealed class SkipException(string message) : Exception(message);
