namespace Megatorrent.Build.Suites;

/// <summary>The simulator: <c>tests/Megatorrent.Simulation</c>.</summary>
internal sealed class SimulatorRun(Checkout checkout, Steps steps)
{
    private const int SliceSeeds = 50; // below a minute on two processors

    private static readonly TimeSpan SliceLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(10);

    private readonly TestProgram _program = new(checkout, "Megatorrent.Simulation");

    /// <summary>Builds the program and lets it run with the user's arguments.</summary>
    /// <returns>Its exit code: 1 when a seed failed.</returns>
    public int Interactively(string[] args)
    {
        steps.Run("simulator", _program.Build);
        return Shell.RunInteractively("dotnet", [_program.Assembly, "--commit", Commit(), .. args]);
    }

    /// <summary>The slice that every test run takes, a test a seed; the solution was built before.</summary>
    public Tally Slice()
    {
        int failed = 0;
        int passed = 0;
        int exitCode = Shell.Stream(
            "dotnet", [_program.Assembly, "--commit", Commit(), "--seeds", $"{SliceSeeds}"], checkout.Root, SliceLimit,
            (line, _) =>
            {
                Console.WriteLine($"   {line}");
                // "50 seeds from 1, mode Both, 0 failed"
                if (line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) is [var count, "seeds", "from", .., var fails, "failed"]
                    && int.TryParse(count, out int all) && int.TryParse(fails, out failed))
                {
                    passed = all - failed;
                }
            });
        var tally = new Tally(passed, failed, 0);
        return exitCode != 0 && failed == 0 || passed + failed != SliceSeeds ? tally + Tally.OneFailed : tally;
    }

    private string Commit()
    {
        (int exitCode, string output) = Shell.Capture("git", ["rev-parse", "--short=12", "HEAD"], checkout.Root, AskLimit);
        return exitCode == 0 ? output.Trim() : "unknown";
    }
}
