namespace Megatorrent.Client.Location;

/// <summary>What the search for a cluster and a credential sees of its surroundings.</summary>
/// <param name="Variable">Reads an environment variable; null or empty means it is not set.</param>
/// <param name="Warn">Takes a line that the user should see, without an end of line.</param>
public sealed record ClientEnvironment(Func<string, string?> Variable, Action<string> Warn);
