using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Megatorrent.Build;

/// <summary>Starts other programs. Nothing ever reads our standard input, except a program that the user asked to run.</summary>
internal static class Shell
{
    /// <summary>Runs a program whose output goes straight to ours.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="BuildException">It could not be started, or ran longer than <paramref name="limit"/> and was killed.</exception>
    public static int Run(
        string program, IEnumerable<string> args, string folder, TimeSpan limit, params (string Name, string Value)[] environment)
    {
        using Process process = Start(program, args, folder, redirect: false, closeInput: true, environment);
        Wait(process, program, limit);
        return process.ExitCode;
    }

    /// <summary>Runs a program as if the user had typed it: it has our terminal, and Ctrl-C is its to handle.</summary>
    /// <param name="program">The program.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="folder">Where it runs; null: where the user is.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="BuildException">It could not be started.</exception>
    public static int RunInteractively(string program, IEnumerable<string> args, string? folder = null)
    {
        void Ignore(object? sender, ConsoleCancelEventArgs e) => e.Cancel = true;
        Console.CancelKeyPress += Ignore;
        try
        {
            using Process process = Start(program, args, folder ?? Environment.CurrentDirectory, redirect: false, closeInput: false, []);
            process.WaitForExit();
            return process.ExitCode;
        }
        finally
        {
            Console.CancelKeyPress -= Ignore;
        }
    }

    /// <summary>Runs a program and keeps what it prints, standard output and standard error together.</summary>
    /// <returns>Its exit code and its output.</returns>
    /// <exception cref="BuildException">It could not be started, or ran longer than <paramref name="limit"/> and was killed.</exception>
    public static (int ExitCode, string Output) Capture(
        string program, IEnumerable<string> args, string folder, TimeSpan limit, params (string Name, string Value)[] environment)
    {
        StringBuilder output = new();
        int exitCode = Stream(program, args, folder, limit, (line, _) => output.AppendLine(line), environment);
        return (exitCode, output.ToString());
    }

    /// <summary>Runs a program that must succeed, and gives what it prints on standard output, without the white space around it.</summary>
    /// <exception cref="BuildException">
    /// It could not be started, ran longer than <paramref name="limit"/> and was killed, or failed; the message has what it printed.
    /// </exception>
    public static string Succeed(
        string program, IEnumerable<string> args, string folder, TimeSpan limit, params (string Name, string Value)[] environment)
    {
        StringBuilder output = new(), all = new();
        string[] arguments = [.. args];
        int exitCode = Stream(
            program,
            arguments,
            folder,
            limit,
            (line, isError) =>
            {
                all.AppendLine(line);
                if (!isError)
                    output.AppendLine(line);
            },
            environment);
        return exitCode == 0
            ? output.ToString().Trim()
            : throw new BuildException(
                $"`{Path.GetFileName(program)} {string.Join(' ', arguments)}` failed with exit code {exitCode}:{Environment.NewLine}{all}");
    }

    /// <summary>Runs a program, and hands on every line as it comes, and whether it is of standard error; calls do not overlap.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="BuildException">It could not be started, or ran longer than <paramref name="limit"/> and was killed.</exception>
    public static int Stream(
        string program, IEnumerable<string> args, string folder, TimeSpan limit, Action<string, bool> onLine,
        params (string Name, string Value)[] environment)
    {
        using Process process = Start(program, args, folder, redirect: true, closeInput: true, environment);
        Lock calls = new();
        void Hand(string? line, bool isError)
        {
            lock (calls)
            {
                if (line is not null)
                    onLine(line, isError);
            }
        }

        process.OutputDataReceived += (_, e) => Hand(e.Data, isError: false);
        process.ErrorDataReceived += (_, e) => Hand(e.Data, isError: true);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Wait(process, program, limit);
        return process.ExitCode;
    }

    /// <summary>The full path of a program in PATH, or null.</summary>
    public static string? Which(string program)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            foreach (string name in OperatingSystem.IsWindows() ? new[] { program + ".exe", program + ".cmd" } : [program])
            {
                string path = Path.Combine(folder, name);
                if (folder.Length > 0 && File.Exists(path))
                    return path;
            }
        }

        return null;
    }

    private static Process Start(
        string program, IEnumerable<string> args, string folder, bool redirect, bool closeInput, (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, args)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = closeInput,
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;

        try
        {
            Process process = Process.Start(start)!;
            if (closeInput)
                process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new BuildException($"'{program}' could not be started: {exception.Message}.");
        }
    }

    private static void Wait(Process process, string program, TimeSpan limit)
    {
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            throw new BuildException($"'{Path.GetFileName(program)}' was killed: it ran longer than {limit.TotalMinutes:0} minutes.");
        }

        process.WaitForExit(); // the overload without a limit also waits for the redirected streams
    }
}
