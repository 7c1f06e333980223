using System.Diagnostics;
using System.Globalization;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>
/// This assembly as a program: the long runs, which <c>./build.sh crash</c> starts, and the worker, which they start. Exit code 0 when
/// nothing was lost, 1 when something was, 2 when the arguments are not understood.
/// </summary>
internal static class CrashProgram
{
    private const string Usage = """
        crash [states|kills|faults|short ...] [--operations N] [--kills N] [--seed S]: what crashes cost a store; all four if none is named

          states   a workload in memory that is recorded; every state in which a loss of power may leave its disk is opened
          kills    a process that works on a real store, killed again and again by SIGKILL at moments of chance
          faults   the same, while system calls on the store's files fail (strace)
          short    the same, while reads and writes are cut short

          --operations N   of the recorded workload (default 2000)
          --kills N        default 500
          --seed S         one seed, one run of states (default 1); moments of kills are not repeated exactly
        """;

    private static readonly string[] Parts = ["states", "kills", "faults", "short"];

    public static async Task<int> Main(string[] args)
    {
        if (args is ["work", var directory, var workSeed, var workOperations])
            return await Worker.RunAsync(directory, ulong.Parse(workSeed, CultureInfo.InvariantCulture), int.Parse(workOperations, CultureInfo.InvariantCulture));
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return 0;
        }
        string[] named = [.. args.TakeWhile(arg => Parts.Contains(arg))];
        int operations = 2000, kills = 500;
        ulong seed = 1;
        for (int i = named.Length; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool understood = args[i] switch
            {
                "--operations" => int.TryParse(value, CultureInfo.InvariantCulture, out operations) && operations > 0,
                "--kills" => int.TryParse(value, CultureInfo.InvariantCulture, out kills) && kills > 0,
                "--seed" => ulong.TryParse(value, CultureInfo.InvariantCulture, out seed),
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine($"crash: '{args[i]} {value}' is not understood.\n{Usage}");
                return 2;
            }
        }
        try
        {
            foreach (string part in named.Length > 0 ? named : Parts)
                await RunAsync(part, seed, operations, kills);
            return 0;
        }
        catch (CrashException exception)
        {
            Console.WriteLine($"FAILED: {exception.Message}");
            return 1;
        }
    }

    private static Task RunAsync(string part, ulong seed, int operations, int kills) => part switch
    {
        "states" => Task.Run(() => States(seed, operations)),
        "kills" => KillsAsync(seed, kills),
        "faults" => FaultsAsync(seed),
        _ => ShortAsync(seed),
    };

    private static void States(ulong seed, int operations)
    {
        foreach (long batchBytes in (long[])[16 << 20, 1])
        {
            long start = Stopwatch.GetTimestamp();
            List<DiskEvent> events = RecordedWorkload.Run(seed, operations, batchBytes);
            var explorer = new CrashExplorer(seed);
            int tenth = -1;
            explorer.Explore(events, at =>
            {
                if (at * 10L / events.Count != tenth)
                    Console.Error.WriteLine($"states: {tenth = (int)(at * 10L / events.Count)}0 %, {explorer.States} states");
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"states: seed {seed}, {operations} operations in batches of up to {batchBytes} bytes, {events.Count} events, "
                + $"up to {explorer.MostWaiting} writes that waited at once, {explorer.Points} points of crash, {explorer.States} states, {explorer.NestedStates} of them left by crashes of "
                + $"{explorer.Nested} openings: nothing acknowledged lost, nothing deleted back, every second opening as the first; "
                + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
        }
    }

    private static async Task KillsAsync(ulong seed, int kills)
    {
        long start = Stopwatch.GetTimestamp();
        using var run = new KillRun(seed);
        for (int i = 1; i <= kills; i++)
        {
            await run.KillOnceAsync();
            if (i % 50 == 0)
                await Console.Error.WriteLineAsync($"kills: {i} of {kills}");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kills: {kills} by SIGKILL, {run.Found} blobs and descriptors at the end: nothing acknowledged lost, nothing deleted back; "
            + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
    }

    private static async Task FaultsAsync(ulong seed)
    {
        using var faults = new SystemCallFaults(seed);
        await faults.BeginAsync();
        Console.WriteLine("| call | error | runs | calls failed | operations failed | openings refused | lost |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|");
        foreach (var (call, errors) in SystemCallFaults.Calls)
        {
            foreach (string error in errors)
            {
                int injected = 0, failed = 0, refused = 0;
                string[] occurrences = SystemCallFaults.OccurrencesOf(error);
                foreach (string when in occurrences)
                {
                    FaultOutcome outcome = await faults.RunAsync(call, error, when);
                    injected += outcome.Injected;
                    failed += outcome.IsRefused ? 0 : outcome.Failed;
                    refused += outcome.IsRefused ? 1 : 0;
                }
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {call} | {error} | {occurrences.Length} | {injected} | {failed} | {refused} | 0 |"));
            }
        }
    }

    private static async Task ShortAsync(ulong seed)
    {
        const int Workers = 10;
        const int Operations = 2000;
        await ShortTransfers.RunAsync(seed, Workers, Operations);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"short: {Workers} workers, {Operations} operations each, every second read and write cut short: none failed, nothing lost"));
    }
}
