using System.Diagnostics;
using System.Globalization;
using Megatorrent.Core.Testing;
using Megatorrent.Simulation.Faults;

namespace Megatorrent.Simulation.Runs;

/// <summary>Runs many seeds, each in a simulation of its own, on as many threads as there are processors.</summary>
internal sealed class SeedRange(SimulationArguments arguments)
{
    private const int ProgressSeconds = 10;

    private readonly Lock _gate = new();
    private readonly List<RunResult> _results = [];
    private readonly List<RunResult> _failed = [];
    private ulong _next = arguments.First;
    private bool _stop;

    /// <summary>Runs all of them, or with <paramref name="untilFirst"/> until one fails.</summary>
    /// <returns>Those that failed, by seed.</returns>
    public IReadOnlyList<RunResult> Run(bool untilFirst, bool quiet)
    {
        long started = Stopwatch.GetTimestamp();
        long told = started;
        var threads = new Thread[arguments.Threads];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work, 16 << 20) { IsBackground = true };
            threads[i].Start();
        }
        foreach (Thread thread in threads)
            thread.Join();
        _failed.Sort(static (left, right) => left.Seed.CompareTo(right.Seed));
        if (!quiet)
            Report(Stopwatch.GetElapsedTime(started));
        return _failed;

        void Work()
        {
            while (Take() is { } seed)
            {
                RunResult result = new SimulationRun(seed, arguments.Mode, null, null).Run();
                if (result.Violation is null)
                    result = result with { LastLines = [] };
                lock (_gate)
                {
                    _results.Add(result);
                    if (result.Violation is not null)
                    {
                        _failed.Add(result);
                        _stop |= untilFirst;
                        if (!quiet)
                            Tell(result);
                    }
                    if (!quiet && Stopwatch.GetElapsedTime(told).TotalSeconds >= ProgressSeconds)
                    {
                        told = Stopwatch.GetTimestamp();
                        Console.WriteLine(string.Create(
                            CultureInfo.InvariantCulture,
                            $"{_results.Count} of {arguments.Seeds} seeds, {_failed.Count} failed, {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
                    }
                }
            }
        }
    }

    /// <summary>How many seeds were run.</summary>
    public int Count => _results.Count;

    private ulong? Take()
    {
        lock (_gate)
            return _stop || _next - arguments.First >= arguments.Seeds ? null : _next++;
    }

    private void Tell(RunResult result) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"FAILED seed {result.Seed} commit {arguments.Commit} at {result.Elapsed.TotalSeconds:0.000} s, step {result.Step}: {result.Violation}\n"
        + $"  again: ./build.sh sim --replay {result.Seed}{(arguments.Mode == RunMode.Both ? "" : $" --mode {arguments.Mode}")}{(PlantedBugs.Active == PlantedBug.None ? "" : $" --bug {PlantedBugs.Active}")}"));

    private void Report(TimeSpan took)
    {
        double nodeHours = _results.Sum(static result => result.NodeHours);
        var counts = new SortedDictionary<FaultKind, int>();
        foreach ((FaultKind kind, int count) in _results.SelectMany(static result => result.Faults))
            counts[kind] = counts.GetValueOrDefault(kind) + count;
        double[] health = [.. _results.Where(static result => result.HealthAfter is not null).Select(static result => result.HealthAfter!.Value.TotalSeconds).Order()];
        string healthText = health.Length == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"full health after the faults: median {health[health.Length / 2]:0} s, most {health[^1]:0} s of virtual time\n");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {_results.Count} seeds from {arguments.First}, mode {arguments.Mode}, {_failed.Count} failed
            simulated: {nodeHours:0.0} node-hours ({nodeHours / 8766:0.0000} node-years), {_results.Sum(static result => result.Step)} steps
            client: {_results.Sum(static result => result.Objects)} objects acknowledged, {_results.Sum(static result => result.Forgotten)} of them forgotten, {_results.Sum(static result => result.Reads)} read back equal, {_results.Sum(static result => result.Refused)} operations refused under faults
            faults: {counts.Values.Sum()}: {string.Join(", ", counts.Select(static pair => $"{pair.Key} {pair.Value}"))}
            {healthText}took {took.TotalSeconds:0.0} s, {_results.Count / took.TotalSeconds:0.00} seeds a second on {arguments.Threads} threads
            """));
    }
}
