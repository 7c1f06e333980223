namespace Megatorrent.Build.Suites;

/// <summary>The stories of clusters of real processes that break: <c>tests/Megatorrent.Stories</c>.</summary>
internal sealed class StoryRun(Checkout checkout, Steps steps)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan QuickLimit = TimeSpan.FromMinutes(8);

    private string Project => checkout.At("tests", "Megatorrent.Stories");

    private string Program => Path.Combine(Project, "bin", BuildTool.Configuration, "net10.0", "Megatorrent.Stories.dll");

    /// <summary>Builds the program and lets it run with the user's arguments.</summary>
    /// <returns>Its exit code.</returns>
    public int Interactively(string[] args)
    {
        steps.Run("stories' program", () => Shell.Succeed(
            "dotnet",
            ["build", Project, "--configuration", BuildTool.Configuration, "--verbosity", "quiet", "-nodeReuse:false"],
            checkout.Root,
            BuildLimit));
        Environment.SetEnvironmentVariable("MEGATORRENT_BIN", checkout.Binary);
        return Shell.RunInteractively("dotnet", [Program, .. args]);
    }

    /// <summary>The short slice that every test run tells; the solution was built before.</summary>
    public Tally Quick()
    {
        string last = "";
        int exitCode = Shell.Stream(
            "dotnet", [Program, "--quick"], checkout.Root, QuickLimit,
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
