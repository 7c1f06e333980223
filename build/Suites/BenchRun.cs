namespace Megatorrent.Build.Suites;

/// <summary>The performance table: <c>bench/Megatorrent.Bench</c>.</summary>
internal sealed class BenchRun(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>Runs every path of every section once and checks its results, not its speed; the solution was built before.</summary>
    public Tally Check()
    {
        string program = checkout.At("bench", "Megatorrent.Bench", "bin", BuildTool.Configuration, "net10.0", "Megatorrent.Bench.dll");
        string last = "";
        int exitCode = Shell.Stream(
            "dotnet", [program, "--check"], checkout.Root, Limit,
            (line, isError) =>
            {
                bool hasFailed = isError && line.StartsWith("bench: ", StringComparison.Ordinal);
                if (hasFailed || isError)
                    Console.WriteLine($"   {(hasFailed ? "not ok " : "")}{line}");
                last = isError || line.Length == 0 ? last : line;
            });
        string[] words = last.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        Tally tally = words is [var rows, "rows", _, "below", "what", "is", "wanted", var failed, "sections", "failed"]
            ? new Tally(int.Parse(rows), int.Parse(failed), 0)
            : Tally.OneFailed;
        return exitCode != 0 && tally.Failed == 0 ? tally + Tally.OneFailed : tally;
    }
}
