namespace Megatorrent.Build;

/// <summary>Ends the verb with a message for the user and an exit code, without a stack trace.</summary>
internal sealed class BuildException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    /// <summary>What the process ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
