using System.Diagnostics;

namespace Megatorrent.Stories;

/// <summary>Runs programs to their end.</summary>
internal static class Shell
{
    /// <summary>Runs a program; gives its exit code and what it printed on both outputs.</summary>
    public static (int ExitCode, string Output) Run(IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        ProcessStartInfo start = Start(environment, command);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start) ?? throw new StoryException($"{command[0]} did not start");
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.TrimEnd() is { Length: > 0 } text && process.ExitCode == 0 ? text : (output + error.Result).TrimEnd());
    }

    /// <summary>Runs a program that must succeed; gives what it printed on standard output.</summary>
    public static string Succeed(IReadOnlyDictionary<string, string>? environment, params string[] command)
    {
        (int exitCode, string output) = Run(environment, command);
        return exitCode == 0 ? output : throw new StoryException($"`{string.Join(' ', command)}` ended with {exitCode}: {output}");
    }

    /// <summary>What starts a program with an environment.</summary>
    public static ProcessStartInfo Start(IReadOnlyDictionary<string, string>? environment, string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]);
        start.Environment.Remove("MEGATORRENT_CLUSTER");
        start.Environment.Remove("MEGATORRENT_CREDENTIAL");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }
}
