using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Files;

/// <summary>Files in and out of a cluster of six nodes with 4+2, beside restic.</summary>
internal static class FileSections
{
    private const string Memory = "/dev/shm";

    /// <summary>Putting, on the disk and in memory.</summary>
    public static Section PutSection { get; } = new("put", "putting a file into six nodes beside `restic backup` and `dd`", Put);

    /// <summary>Getting, in memory.</summary>
    public static Section GetSection { get; } =
        new("get", "getting a file from six nodes, and from four of them, beside `restic restore`", Get);

    private static IEnumerable<Row> Put(BenchContext context)
    {
        long length = Length(context);
        int rounds = Math.Min(context.Rounds, 5);
        string size = $"put {length >> 20} MiB, six nodes, 4+2";
        using (var contenders = new Contenders(context, context.Folder, length))
        {
            var puts = new List<RunTime>();
            var backups = new List<RunTime>();
            var copies = new List<RunTime>();
            for (int round = 0; round < rounds; round++)
            {
                context.Say($"put, backup and dd on the disk, round {round + 1} of {rounds}");
                puts.Add(contenders.Put());
                backups.Add(contenders.Backup());
                copies.Add(contenders.Copy());
            }

            yield return Rate($"{size}, disk", contenders, puts, contenders.Restic + " backup", backups, 1.5);
            yield return Rate("the same, beside the disk itself", contenders, puts, "dd conv=fsync of 1.5 times the bytes", copies, 1 / 1.15)
                with
            { Note = "wanted is one of the two: 1.5 times restic, or within 15 % of dd" };
            yield return Processor("the same: processor seconds, nodes included", puts, contenders.Restic + " backup", backups, 1 / 0.4);
        }

        if (TryMakeMemoryFolder(length) is not { } folder)
            yield break;
        try
        {
            using var contenders = new Contenders(context, folder, length);
            var puts = new List<RunTime>();
            var backups = new List<RunTime>();
            for (int round = 0; round < rounds; round++)
            {
                context.Say($"put and backup in memory, round {round + 1} of {rounds}");
                puts.Add(contenders.Put());
                backups.Add(contenders.Backup());
            }

            yield return Rate($"{size}, tmpfs", contenders, puts, contenders.Restic + " backup", backups, 3);
            yield return Processor("the same: processor seconds, nodes included", puts, contenders.Restic + " backup", backups, null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Row> Get(BenchContext context)
    {
        long length = Length(context);
        int rounds = Math.Min(context.Rounds, 5);
        string folder = TryMakeMemoryFolder(length) ?? throw new InvalidOperationException($"{Memory} is no tmpfs with room for the files.");
        try
        {
            using var contenders = new Contenders(context, folder, length);
            var healthy = new List<RunTime>();
            var dead = new List<RunTime>();
            var restores = new List<RunTime>();
            for (int round = 0; round < rounds; round++)
            {
                context.Say($"get and restore in memory, round {round + 1} of {rounds}");
                var (all, two) = contenders.Get();
                healthy.Add(all);
                dead.Add(two);
                restores.Add(contenders.Restore());
            }

            string peer = contenders.Restic + " restore";
            yield return Rate($"get {length >> 20} MiB, tmpfs", contenders, healthy, peer, restores, 3);
            yield return Rate("the same with two of six nodes dead", contenders, dead, peer, restores, 2);
            yield return Processor("get: processor seconds, nodes included", healthy, peer, restores, null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Length(BenchContext context) => context.Pick(full: 1024L, quick: 128, check: 8) << 20;

    // The file, 1.5 times the file on the nodes, and the file again when it comes back.
    private static string? TryMakeMemoryFolder(long length) =>
        Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace > 4 * length
            ? Directory.CreateDirectory(Path.Combine(Memory, $"megatorrent-bench-{Environment.ProcessId}")).FullName
            : null;

    private static Row Rate(
        string what, Contenders contenders, List<RunTime> ours, string peer, List<RunTime> theirs, double wanted) => new()
        {
            What = what,
            Unit = "MB/s",
            Ours = contenders.Length / 1e6 / Figures.Median(ours.Select(static run => run.Seconds)),
            Peer = peer,
            Theirs = contenders.Length / 1e6 / Figures.Median(theirs.Select(static run => run.Seconds)),
            Wanted = wanted,
        };

    private static Row Processor(string what, List<RunTime> ours, string peer, List<RunTime> theirs, double? wanted) => new()
    {
        What = what,
        Unit = "s",
        Ours = Figures.Median(ours.Select(static run => run.Processor)),
        Peer = peer,
        Theirs = Figures.Median(theirs.Select(static run => run.Processor)),
        Wanted = wanted,
        SmallerIsBetter = true,
    };
}
