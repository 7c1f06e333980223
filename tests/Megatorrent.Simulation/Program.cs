using System.Diagnostics;
using System.Globalization;
using Megatorrent.Core.Testing;
using Megatorrent.Simulation.Faults;
using Megatorrent.Simulation.Runs;

namespace Megatorrent.Simulation;

/// <summary>Runs seeds; exit code 0 when all hold, 1 when one does not, 2 when the arguments are not understood.</summary>
internal static class Program
{
    private const int Held = 0;
    private const int Failed = 1;
    private const int Misused = 2;

    private static int Main(string[] args)
    {
        SimulationArguments arguments;
        try
        {
            arguments = SimulationArguments.Parse(args);
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine(exception.Message);
            Console.Error.WriteLine(SimulationArguments.Usage);
            return Misused;
        }

        PlantedBugs.Active = arguments.Bug;
        if (arguments.Replay is { } replay)
            return Replay(arguments, replay);
        if (arguments.Minimise is { } minimise)
            return Minimise(arguments, minimise);
        return arguments.Bugs ? FindBugs(arguments) : new SeedRange(arguments).Run(untilFirst: false, quiet: false).Count == 0 ? Held : Failed;
    }

    private static int Replay(SimulationArguments arguments, ulong seed)
    {
        var run = new SimulationRun(seed, arguments.Mode, null, Console.Out);
        foreach (Fault fault in run.Plan)
            Console.WriteLine(fault);
        RunResult result = run.Run();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed} commit {arguments.Commit} ended at {result.Elapsed.TotalSeconds:0.000000} s, step {result.Step}, trace {result.Trace:x16}"));
        Console.WriteLine(result.Violation is { } violation ? $"FAILED: {violation}" : "nothing was violated");
        return result.Violation is null ? Held : Failed;
    }

    private static int Minimise(SimulationArguments arguments, ulong seed)
    {
        var minimiser = new Minimiser(seed, arguments.Mode);
        IReadOnlyList<Fault>? left = minimiser.Run();
        if (left is null)
        {
            Console.WriteLine($"seed {seed} does not fail.");
            return Held;
        }
        RunResult result = new SimulationRun(seed, arguments.Mode, left, null).Run();
        Console.WriteLine($"seed {seed} commit {arguments.Commit} still fails with {left.Count} faults ({minimiser.Runs} runs):");
        foreach (Fault fault in left)
            Console.WriteLine($"  {fault}");
        Console.WriteLine($"FAILED: {result.Violation}");
        foreach (string line in result.LastLines)
            Console.WriteLine($"  {line}");
        return Failed;
    }

    private static int FindBugs(SimulationArguments arguments)
    {
        int missed = 0;
        foreach (PlantedBug bug in Enum.GetValues<PlantedBug>().Where(static bug => bug != PlantedBug.None))
        {
            long started = Stopwatch.GetTimestamp();
            RunResult? failed = Find(arguments, bug);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            missed += failed is null ? 1 : 0;
            string found = failed is null ? $"NOT FOUND in {arguments.Seeds} seeds" : $"seed {failed.Seed}, {failed.Violation}";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bug,-24} {seconds,6:0.0} s  {Short(found)}"));
        }
        PlantedBugs.Active = PlantedBug.None;
        Console.WriteLine(missed == 0 ? "every planted bug was found" : $"{missed} planted bugs were not found");
        return missed == 0 ? Held : Failed;
    }

    // The first seed that fails with the bug and holds without it: one that fails anyway has found something else.
    private static RunResult? Find(SimulationArguments arguments, PlantedBug bug)
    {
        for (SimulationArguments left = arguments; ;)
        {
            PlantedBugs.Active = bug;
            IReadOnlyList<RunResult> failed = new SeedRange(left).Run(untilFirst: true, quiet: true);
            PlantedBugs.Active = PlantedBug.None;
            if (failed.Count == 0)
                return null;
            RunResult first = failed[0];
            if (new SimulationRun(first.Seed, arguments.Mode, null, null).Run().Violation is not { } anyway)
                return first;
            Console.WriteLine($"seed {first.Seed} fails without a planted bug: {Short(anyway)}");
            ulong done = first.Seed + 1 - arguments.First;
            if (done >= arguments.Seeds)
                return null;
            left = arguments with { First = first.Seed + 1, Seeds = arguments.Seeds - done };
        }
    }

    private static string Short(string text)
    {
        const int most = 160;
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= most ? line : line[..most] + "…";
    }
}
