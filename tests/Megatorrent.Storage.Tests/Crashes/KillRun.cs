using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>Workers on one store, one after the other, each killed at a moment of chance; after each the store is looked into.</summary>
internal sealed class KillRun(ulong seed) : IDisposable
{
    private const int LinesMax = 300; // told before the kill
    private const int Killed = 137;

    private readonly string _root = Directory.CreateTempSubdirectory("mt-kill-").FullName;
    private readonly SeededRandomSource _random = new(seed);
    private readonly Ledger _ledger = new();
    private int _kills;

    /// <summary>Blobs and descriptors that the last look found.</summary>
    public int Found { get; private set; }

    /// <summary>Starts a worker, kills it, and compares the store with what was acknowledged.</summary>
    /// <exception cref="CrashException">Something is lost, or back, or the store does not open.</exception>
    public async Task KillOnceAsync()
    {
        int kill = ++_kills;
        int after = _random.Next(4) == 0 ? _random.Next(3) : _random.Next(LinesMax); // often while it opens
        string store = Path.Combine(_root, "store");
        WorkerEnd end = await WorkerProcess.RunAsync(store, seed + (ulong)kill, operations: 1_000_000, _ledger, after);
        CrashException.Unless(end.ExitCode == Killed, $"kill {kill} of seed {seed}: the worker ended with {end.ExitCode} instead: {end.Error}");
        CrashException.Unless(end.Failures.Count == 0, $"kill {kill} of seed {seed}: {string.Join("; ", end.Failures)}");

        if (!Directory.Exists(store))
            return; // killed before there was one, and before anything was acknowledged
        // A copy: the next worker must find the store as this one left it.
        string copy = Path.Combine(_root, "copy");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(store))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        try
        {
            await using BlobStore opened = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, copy, Worker.Options);
            HashSet<(BlobId, bool)> has = await _ledger.CheckAsync(opened);
            _ledger.Settle(has);
            Found = has.Count;
        }
        catch (Exception exception) when (exception is CrashException or MegatorrentException)
        {
            throw new CrashException($"kill {kill} of seed {seed}, after {after} lines: {exception.Message}", exception);
        }
        Directory.Delete(copy, recursive: true);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
