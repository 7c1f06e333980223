namespace Megatorrent.Build.Suites;

/// <summary>The stories of clusters of real processes that break: <c>tests/Megatorrent.Stories</c>.</summary>
internal sealed class StoryRun(Checkout checkout, Steps steps)
{
    private static readonly TimeSpan QuickLimit = TimeSpan.FromMinutes(8);

    private readonly TestProgram _program = new(checkout, "Megatorrent.Stories");

    /// <summary>Builds the program and lets it run with the user's arguments.</summary>
    /// <returns>Its exit code.</returns>
    public int Interactively(string[] args)
    {
        steps.Run("stories' program", _program.Build);
        Environment.SetEnvironmentVariable("MEGATORRENT_BIN", checkout.Binary);
        return Shell.RunInteractively("dotnet", [_program.Assembly, .. args]);
    }

    /// <summary>The short slice that every test run tells; the solution was built before.</summary>
    public Tally Quick()
    {
        string last = "";
        int exitCode = Shell.Stream(
            "dotnet", [_program.Assembly, "--quick"], checkout.Root, QuickLimit,
            (line, isError) =>
            {
                bool hasFailed = !isError && line.StartsWith("| ", StringComparison.Ordinal) && line.Contains("**failed**", StringComparison.Ordinal);
                Console.WriteLine($"   {(hasFailed ? "not ok " : "")}{line}");
                last = isError || line.Length == 0 ? last : line;
            },
            [("MEGATORRENT_BIN", checkout.Binary)]);
        string[] words = last.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        Tally tally = words is [var passed, "passed", var failed, "failed", var skipped, "skipped"]
            ? new Tally(int.Parse(passed), int.Parse(failed), int.Parse(skipped))
            : Tally.OneFailed;
        return exitCode != 0 && tally.Failed == 0 ? tally + Tally.OneFailed : tally;
    }
}
