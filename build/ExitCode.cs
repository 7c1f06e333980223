namespace Megatorrent.Build;

/// <summary>Exit codes of the build tool; a command that it runs for the user keeps its own.</summary>
internal static class ExitCode
{
    /// <summary>A step or a test failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong arguments, or a verb that this checkout has nothing for.</summary>
    public const int Usage = 2;
}
