namespace Megatorrent.Cli.Control;

/// <summary>What a command of the same user asks a running node over its control socket: one line of JSON.</summary>
/// <param name="Command">What to do; <see cref="Scrub"/> is all there is.</param>
/// <param name="BytesPerSecond">How fast; 0 is no limit.</param>
internal sealed record ControlRequest(string Command, long BytesPerSecond)
{
    /// <summary>Re-hash the whole store.</summary>
    public const string Scrub = "scrub";
}
