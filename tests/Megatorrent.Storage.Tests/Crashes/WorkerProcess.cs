using System.Diagnostics;
using System.Globalization;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>A <see cref="Worker"/> in a process of its own, and what it tells.</summary>
internal static class WorkerProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Starts a worker and takes its lines into a ledger until it ends.</summary>
    /// <param name="directory">Of the store.</param>
    /// <param name="seed">Of its work.</param>
    /// <param name="operations">After which it ends by itself.</param>
    /// <param name="ledger">Takes in what is acknowledged.</param>
    /// <param name="killAfter">Lines after which it is killed; null: never.</param>
    /// <param name="before">A program, with its arguments, that starts the worker.</param>
    /// <param name="environment">Variables of its own.</param>
    public static async Task<WorkerEnd> RunAsync(
        string directory,
        ulong seed,
        int operations,
        Ledger ledger,
        int? killAfter = null,
        string[]? before = null,
        (string Name, string Value)[]? environment = null)
    {
        string[] command =
        [
            .. before ?? [], DotNet, "exec", typeof(WorkerProcess).Assembly.Location, "work", directory,
            seed.ToString(CultureInfo.InvariantCulture), operations.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        var failures = new List<string>();
        try
        {
            int lines = 0;
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (line.StartsWith(Worker.Failed, StringComparison.Ordinal))
                    failures.Add(line[(Worker.Failed.Length + 1)..]);
                else if (line is not (Worker.Opening or Worker.Ready))
                    ledger.Apply(StepNote.Parse(line));
                if (lines++ == killAfter)
                    process.Kill();
            }
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new CrashException($"the worker with seed {seed} did not end: {await error}");
        }
        return new WorkerEnd(process.ExitCode, failures, await error);
    }

    // The tests run in the host of dotnet test, which is the dotnet program itself.
    private static string DotNet => Environment.ProcessPath!;
}
