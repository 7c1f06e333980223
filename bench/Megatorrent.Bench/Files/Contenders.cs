using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Files;

/// <summary>
/// One file, and what stores it and brings it back in one folder: the published binary with six nodes, restic with a local repository, dd.
/// </summary>
internal sealed class Contenders : IDisposable
{
    private const int Nodes = 6;

    private readonly BenchContext _context;
    private readonly string _folder;
    private readonly string _file;
    private readonly Dictionary<string, string> _environment;

    public Contenders(BenchContext context, string folder, long length)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(static path => File.Exists(Path.Combine(path, "restic"))))
            throw new InvalidOperationException("restic, the peer, is missing. On Debian: apt-get install restic");
        _context = context;
        _folder = folder;
        Length = length;
        _file = Path.Combine(folder, "file");
        _environment = new Dictionary<string, string>
        {
            ["XDG_CACHE_HOME"] = Path.Combine(folder, "cache"),
            ["RESTIC_PASSWORD"] = "bench",
        };
        SampleFile.Make(_file, length);
        Restic = Command.Run("restic", _environment, "version").Output.Split(' ') is [_, var version, ..] ? $"restic {version}" : "restic";
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>The name and version of restic.</summary>
    public string Restic { get; }

    private string Repository => Path.Combine(_folder, "repository");

    private string Larger => Path.Combine(_folder, "larger");

    private string Target => Path.Combine(_folder, "back");

    /// <summary>Puts the file with 4+2 on six fresh nodes.</summary>
    public RunTime Put()
    {
        using var cluster = new LoopbackCluster(_context, _folder, Nodes);
        return cluster.Put(_file).Time;
    }

    /// <summary>Puts the file, and gets it from all nodes and then with two of them dead.</summary>
    public (RunTime Healthy, RunTime TwoDead) Get()
    {
        using var cluster = new LoopbackCluster(_context, _folder, Nodes);
        string capability = cluster.Put(_file).Capability;
        RunTime healthy = cluster.Get(capability, Target);
        CheckTarget();
        cluster.Kill(2);
        RunTime twoDead = cluster.Get(capability, Target);
        CheckTarget();
        return (healthy, twoDead);
    }

    /// <summary>Backs the file up to a fresh repository.</summary>
    public RunTime Backup()
    {
        RunTime time = BackupOnly();
        Directory.Delete(Repository, recursive: true);
        return time;
    }

    /// <summary>Backs the file up, and restores it.</summary>
    public RunTime Restore()
    {
        BackupOnly();
        Settle();
        Measurement restore = Command.Run("restic", _environment, "restore", "latest", "--repo", Repository, "--target", Target);
        CheckSame(Directory.GetFiles(Target, "file", SearchOption.AllDirectories).Single());
        Directory.Delete(Target, recursive: true);
        Directory.Delete(Repository, recursive: true);
        return Time(restore);
    }

    /// <summary>Writes as many bytes as a put writes to its nodes, and flushes once.</summary>
    public RunTime Copy()
    {
        if (!File.Exists(Larger))
            SampleFile.Make(Larger, Length * 3 / 2);
        string target = Path.Combine(_folder, "copy");
        Settle();
        Measurement copy = Command.Run("dd", _environment, $"if={Larger}", $"of={target}", "bs=1M", "conv=fsync");
        File.Delete(target);
        return Time(copy);
    }

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(Larger);
    }

    private RunTime BackupOnly()
    {
        Command.Run("restic", _environment, "init", "--repo", Repository);
        Settle();
        return Time(Command.Run("restic", _environment, "backup", "--repo", Repository, _file));
    }

    // Whatever an earlier step left unwritten would be charged to the next.
    private void Settle() => Command.Run("sync", _environment);

    private void CheckSame(string path)
    {
        using FileStream expected = File.OpenRead(_file), actual = File.OpenRead(path);
        byte[] left = new byte[1 << 20], right = new byte[1 << 20];
        int count;
        do
        {
            count = expected.ReadAtLeast(left, left.Length, throwOnEndOfStream: false);
            int other = actual.ReadAtLeast(right, right.Length, throwOnEndOfStream: false);
            if (!left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, other)))
                throw new InvalidOperationException($"{path} is not the file that was stored.");
        }
        while (count > 0);
    }

    private void CheckTarget()
    {
        CheckSame(Target);
        File.Delete(Target);
    }

    private static RunTime Time(Measurement run) => new(run.Wall.TotalSeconds, run.Processor.TotalSeconds);
}
