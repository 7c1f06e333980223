using System.Diagnostics;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>Workers of which every second read and write is cut short by the system, which <c>short_transfers.c</c> stands for.</summary>
internal static class ShortTransfers
{
    /// <summary>Runs workers on one store, one after the other.</summary>
    /// <exception cref="CrashException">An operation fails, or something acknowledged is lost.</exception>
    public static async Task RunAsync(ulong seed, int workers, int operations)
    {
        string root = Directory.CreateTempSubdirectory("mt-short-").FullName;
        try
        {
            string library = await CompileAsync(root);
            string store = Path.Combine(root, "store");
            var ledger = new Ledger();
            for (int i = 0; i < workers; i++)
            {
                WorkerEnd end = await WorkerProcess.RunAsync(
                    store, seed + (ulong)i, operations, ledger, environment: [("LD_PRELOAD", library)]);
                CrashException.Unless(
                    end is { ExitCode: 0, Failures.Count: 0 },
                    $"worker {i} of seed {seed} ended with {end.ExitCode}: {string.Join("; ", end.Failures)} {end.Error}");
                await using BlobStore opened = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, store, Worker.Options);
                ledger.Settle(await ledger.CheckAsync(opened));
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<string> CompileAsync(string folder)
    {
        string source = Path.Combine(Path.GetDirectoryName(typeof(ShortTransfers).Assembly.Location)!, "short_transfers.c");
        string library = Path.Combine(folder, "short_transfers.so");
        var start = new ProcessStartInfo("gcc", ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o", library, "-ldl"])
        {
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        CrashException.Unless(process.ExitCode == 0, $"short_transfers.c does not compile: {error}");
        return library;
    }
}
