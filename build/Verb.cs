namespace Megatorrent.Build;

/// <summary>One thing the build tool can do; <paramref name="Run"/> gets the arguments after the verb and returns the exit code.</summary>
internal sealed record Verb(string Name, string Usage, string Summary, Func<BuildTool, string[], int> Run)
{
    /// <summary>A verb that takes no arguments.</summary>
    public static Func<BuildTool, string[], int> Plain(Func<BuildTool, int> run) => (tool, args) =>
        args.Length == 0 ? run(tool) : throw new BuildException($"takes no arguments, not '{args[0]}'.", ExitCode.Usage);

    /// <summary>A verb whose suite is not in this checkout: it says so, and it is not a success.</summary>
    public static Func<BuildTool, string[], int> Absent(string suite) => (_, _) =>
        throw new BuildException($"this checkout has no {suite} yet.", ExitCode.Usage);
}
