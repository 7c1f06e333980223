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
            PlantedBugs.Active = bug;
            long started = Stopwatch.GetTimestamp();
            var range = new SeedRange(arguments);
            IReadOnlyList<RunResult> failed = range.Run(untilFirst: true, quiet: true);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            missed += failed.Count == 0 ? 1 : 0;
            string found = failed.Count == 0 ? $"NOT FOUND in {range.Count} seeds" : $"seed {failed[0].Seed}, {failed[0].Violation}";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bug,-24} {seconds,6:0.0} s  {Short(found)}"));
        }
        PlantedBugs.Active = PlantedBug.None;
        Console.WriteLine(missed == 0 ? "every planted bug was found" : $"{missed} planted bugs were not found");
        return missed == 0 ? Held : Failed;
    }

    private static string Short(string text)
    {
        const int most = 160;
        string line = text.ReplaceLineEndings(" ");
        return line.Length <= most ? line : line[..most] + "…";
    }
}
