using System.Diagnostics;

namespace Megatorrent.Bench.Table;

/// <summary>Further processes of this program.</summary>
internal static class Self
{
    /// <summary>Starts this program again, with its input and output redirected.</summary>
    public static Process Start(params string[] args)
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(Self).Assembly.Location);
        foreach (string arg in args)
            start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }

    /// <summary>The next line that it prints.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static string ReadLine(this Process process) => process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("a process of the benchmark ended early; its error output is above.");
}
