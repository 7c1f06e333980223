using System.Diagnostics;

namespace Megatorrent.Bench.Table;

/// <summary>Further processes of this program.</summary>
internal static class Self
{
    private static string Program => Environment.ProcessPath!;

    // Before the arguments: the assembly, where the program is `dotnet`.
    private static string[] First => Path.GetFileNameWithoutExtension(Program) == "dotnet" ? [typeof(Self).Assembly.Location] : [];

    // Its code is compiled once and for all before it runs: the binary that is measured for has no compiler at work beside it either.
    private static Dictionary<string, string> Compiled { get; } = new() { ["DOTNET_TieredCompilation"] = "0" };

    /// <summary>Starts this program again, with its input and output redirected.</summary>
    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in Compiled)
            start.Environment[name] = value;
        foreach (string arg in (string[])[.. First, .. args])
            start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }

    /// <summary>Runs this program again, to its end.</summary>
    public static Measurement Run(params string[] args) => Command.Run(Program, Compiled, [.. First, .. args]);

    /// <summary>The next line that it prints.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static string ReadLine(this Process process) => process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("a process of the benchmark ended early; its error output is above.");
}
