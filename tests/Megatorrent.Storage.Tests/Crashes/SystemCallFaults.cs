using System.Globalization;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>
/// Workers whose system calls on the store's files fail, by strace's injection. Each must go on, or refuse to open, with one of the errors
/// that the store documents; afterwards the store opens and has what was acknowledged.
/// </summary>
internal sealed class SystemCallFaults(ulong seed) : IDisposable
{
    private const int Operations = 120;
    private const int SegmentsWatched = 60;

    /// <summary>Of an interrupted call, which is made again, nobody may learn.</summary>
    public const string Interrupted = "EINTR";

    private readonly string _root = Directory.CreateTempSubdirectory("mt-fault-").FullName;
    private readonly Ledger _begun = new();

    /// <summary>
    /// The system calls that a store makes on its files, and what each is made to fail with. sync_file_range is left out: it is a hint, made for
    /// batches of a mebibyte, and nobody looks at what it returns.
    /// </summary>
    public static (string Call, string[] Errors)[] Calls { get; } =
    [
        ("openat", ["EIO", "ENOSPC", "EMFILE"]),
        ("pwrite64", ["EIO", "ENOSPC", Interrupted]),
        ("pwritev", ["EIO", "ENOSPC", Interrupted]),
        ("pread64", ["EIO", Interrupted]),
        ("preadv2", ["EIO", "EAGAIN", "EOPNOTSUPP"]),
        ("fsync", ["EIO", "ENOSPC", Interrupted]),
        ("ftruncate", ["EIO", "ENOSPC", Interrupted]),
        ("rename", ["EIO", "ENOSPC"]),
        ("unlink", ["EIO", "EROFS"]),
        ("getdents64", ["EIO"]),
        ("statfs", ["EIO"]),
        ("fstat", ["EIO"]),
        ("flock", ["EIO"]),
    ];

    /// <summary>The occurrences that fail: one, or all from one on, in the words of strace. Nothing is interrupted for ever.</summary>
    public static string[] OccurrencesOf(string error) =>
        ["1", "2", "3", "5", "8", "13", "30", .. error == Interrupted ? Array.Empty<string>() : ["1+", "4+", "20+"]];

    private string Begun => Path.Combine(_root, "begun");

    /// <summary>Makes the store on which each case begins.</summary>
    public async Task BeginAsync()
    {
        WorkerEnd end = await WorkerProcess.RunAsync(Begun, seed, Operations, _begun);
        CrashException.Unless(end is { ExitCode: 0, Failures.Count: 0 }, $"without a fault the worker ended with {end.ExitCode}: {end.Error}");
    }

    /// <summary>Runs one case.</summary>
    /// <exception cref="CrashException">The worker did not end as it should, or something acknowledged is lost.</exception>
    public async Task<FaultOutcome> RunAsync(string call, string error, string when)
    {
        string store = Path.Combine(_root, "store");
        string trace = Path.Combine(_root, "trace");
        Directory.CreateDirectory(store);
        foreach (string file in Directory.GetFiles(Begun))
            File.Copy(file, Path.Combine(store, Path.GetFileName(file)));
        Ledger ledger = _begun.Clone();
        string[] strace =
        [
            "strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", $"trace={call}", "-e", $"inject={call}:error={error}:when={when}",
            .. Watched(store).SelectMany(path => (string[])["-P", path]),
        ];
        WorkerEnd end = await WorkerProcess.RunAsync(store, seed + 1, Operations, ledger, before: strace);
        string what = $"{call} fails with {error} at {when}, seed {seed}";
        CrashException.Unless(
            end.ExitCode == 0 || (end.ExitCode == 3 && end.Failures.Count > 0), $"{what}: the worker ended with {end.ExitCode}: {end.Error}");
        int injected = File.ReadLines(trace).Count(line => line.Contains("(INJECTED)", StringComparison.Ordinal));
        CrashException.Unless(
            error != Interrupted || end.Failures.Count == 0, $"{what}: it is told to the user: {string.Join("; ", end.Failures)}");
        try
        {
            await using BlobStore opened = await BlobStore.OpenAsync(PhysicalFileSystem.Instance, store, Worker.Options);
            await ledger.CheckAsync(opened);
        }
        catch (Exception exception) when (exception is CrashException or Core.MegatorrentException)
        {
            throw new CrashException($"{what}: {exception.Message}", exception);
        }
        Directory.Delete(store, recursive: true);
        return new FaultOutcome(injected, end.Failures.Count, end.ExitCode == 3);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static IEnumerable<string> Watched(string store) =>
        ((string[])["", "FORMAT", "FORMAT.new", "CHECKPOINT", "CHECKPOINT.new", "LOCK", "LOCK.pid"])
        .Concat(Enumerable.Range(1, SegmentsWatched).Select(number => number.ToString("x8", CultureInfo.InvariantCulture) + ".seg"))
        .Select(name => name.Length == 0 ? store : Path.Combine(store, name));
}
