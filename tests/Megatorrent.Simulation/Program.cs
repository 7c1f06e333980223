using System.Diagnostics;
using Megatorrent.Simulation.Runs;

ulong first = ulong.Parse(args[0]);
ulong count = ulong.Parse(args[1]);
for (ulong seed = first; seed < first + count; seed++)
{
    long start = Stopwatch.GetTimestamp();
    RunResult result = new SimulationRun(seed, RunMode.Both, null, args.Length > 2 ? Console.Out : null).Run();
    Console.WriteLine($"{seed}: {result.Violation ?? "ok"}; step {result.Step} trace {result.Trace:x16} at {result.Elapsed.TotalSeconds:0} s, {result.Nodes} nodes, {result.Objects} objects, {result.Reads} reads, {result.Refused} refused, health after {result.HealthAfter?.TotalSeconds:0}; {string.Join(" ", result.Faults)}; took {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00}");
}
