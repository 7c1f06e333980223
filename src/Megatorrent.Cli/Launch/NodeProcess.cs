using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Megatorrent.Cli.Launch;

/// <summary>A <c>megatorrent node</c> process: starting it so that it survives us, asking whether it lives, ending it.</summary>
internal static partial class NodeProcess
{
    private const int SignalTerminate = 15;

    // Variables that are meant for the person's own commands, not for nodes.
    private static readonly string[] PrivateVariables = ["MEGATORRENT_CREDENTIAL", "MEGATORRENT_CLUSTER"];

    /// <summary>How to start this same program again: the binary itself, or <c>dotnet megatorrent.dll</c> where it runs that way.</summary>
    /// <exception cref="IOException">The system does not say what program this is.</exception>
    public static (string File, string[] Arguments) Self()
    {
        string file = Environment.ProcessPath ?? throw new IOException("cannot find out where this program is, so it cannot start nodes");
        if (!Path.GetFileNameWithoutExtension(file).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            return (file, []);
        return (file, [Path.Combine(AppContext.BaseDirectory, "megatorrent.dll")]);
    }

    /// <summary>
    /// Starts <c>megatorrent node</c> with <paramref name="nodeArguments"/>; its output is appended to <paramref name="logPath"/>.
    /// </summary>
    /// <returns>The process id.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static int Start(IReadOnlyList<string> nodeArguments, string logPath)
    {
        (string file, string[] before) = Self();
        string[] arguments = [.. before, "node", .. nodeArguments];
        if (OperatingSystem.IsLinux())
            return PosixSpawn.Start(file, arguments, NodeEnvironment(), logPath);
        return StartPortably(file, [.. arguments, "--log", logPath]);
    }

    /// <summary>
    /// Whether the process <paramref name="pid"/> runs and is the node of <paramref name="dataDirectory"/>, as far as the system tells:
    /// a process id can have gone to another program after a restart of the machine.
    /// </summary>
    public static bool IsRunning(int pid, string dataDirectory)
    {
        if (pid <= 0)
            return false;
        if (OperatingSystem.IsLinux())
            return PosixSpawn.HasEnded(pid) is not true && HasCommandLine(pid, dataDirectory);
        try
        {
            using Process process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Whether any process has this id.</summary>
    public static bool Exists(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Asks the process to stop (SIGTERM).</summary>
    public static void Terminate(int pid)
    {
        if (OperatingSystem.IsWindows())
            Kill(pid);
        else
            _ = kill(pid, SignalTerminate);
    }

    /// <summary>Ends the process at once (SIGKILL). One that has ended already is no error.</summary>
    public static void Kill(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It is gone.
        }
    }

    // A zombie has an empty command line, so it does not count as running.
    private static bool HasCommandLine(int pid, string dataDirectory)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(dataDirectory, StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static Dictionary<string, string> NodeEnvironment()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry is { Key: string name, Value: string value } && !PrivateVariables.Contains(name))
                environment[name] = value;
        }
        return environment;
    }

    // Without a session of its own and with pipes that nobody reads: good enough to try a cluster on a platform that has no packages yet.
    private static int StartPortably(string file, string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in PrivateVariables)
            start.Environment.Remove(name);
        try
        {
            using Process process = Process.Start(start) ?? throw new IOException($"cannot start {file}");
            process.StandardInput.Close();
            return process.Id;
        }
        catch (Win32Exception exception)
        {
            throw new IOException($"cannot start {file}: {exception.Message}", exception);
        }
    }

    [LibraryImport("libc")]
    [UnsupportedOSPlatform("windows")]
    private static partial int kill(int pid, int signal);
}
