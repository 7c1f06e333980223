using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Megatorrent.Bench;

/// <summary><c>megatorrent put</c> with 4+2 on six fresh nodes beside <c>restic backup</c> to a fresh local repository, and <c>dd conv=fsync</c> of the bytes that put writes.</summary>
internal sealed class PutBench : IDisposable
{
    private const int Nodes = 6;

    private readonly string _binary = FindBinary();
    private readonly string _folder;
    private readonly int _rounds;
    private readonly Dictionary<string, string> _environment;

    public PutBench(string folder, int rounds)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(static path => File.Exists(Path.Combine(path, "restic"))))
            throw new InvalidOperationException("restic, the peer, is missing. On Debian: apt-get install restic");
        _folder = Directory.CreateDirectory(Path.Combine(folder, $"megatorrent-bench-{Environment.ProcessId}")).FullName;
        _rounds = rounds;
        _environment = new Dictionary<string, string>
        {
            ["XDG_CONFIG_HOME"] = Path.Combine(_folder, "config"),
            ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
            ["RESTIC_PASSWORD"] = "bench",
        };
    }

    public string Run(string? data, long length)
    {
        string file = data ?? MakeFile(length);
        length = new FileInfo(file).Length;
        string version = Command.Run(_binary, _environment, "version").Output.Split('\n')[0];
        string restic = Command.Run("restic", _environment, "version").Output.Split('\n')[0];
        var puts = new List<(Measurement Client, double NodeSeconds)>();
        var backups = new List<Measurement>();
        var copies = new List<Measurement>();
        for (int round = 1; round <= _rounds; round++)
        {
            Console.Error.WriteLine($"round {round} of {_rounds}");
            backups.Add(Backup(file));
            puts.Add(Put(file));
            copies.Add(Copy(length * 3 / 2));
        }

        double put = Figures.Median(puts.Select(static run => run.Client.Wall.TotalSeconds));
        double backup = Figures.Median(backups.Select(static run => run.Wall.TotalSeconds));
        double copy = Figures.Median(copies.Select(static run => run.Wall.TotalSeconds));
        double putProcessor = Figures.Median(puts.Select(static run => run.Client.Processor.TotalSeconds + run.NodeSeconds));
        double backupProcessor = Figures.Median(backups.Select(static run => run.Processor.TotalSeconds));
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{version}; {restic}; {Figures.Processor()}, {Environment.ProcessorCount} processors; medians of {_rounds} interleaved rounds; file of {length >> 20} MiB in {_folder}");
        table.AppendLine();
        table.AppendLine("| what | seconds | MB/s of the file | processor seconds | ratio of rates |");
        table.AppendLine("|---|---|---|---|---|");
        table.AppendLine(Row("megatorrent put, 4+2, six nodes", put, length, putProcessor, backup / put));
        table.AppendLine(Row("restic backup, local repository", backup, length, backupProcessor, 1));
        table.AppendLine(Row("dd conv=fsync of 1.5 times the bytes", copy, length, double.NaN, backup / copy));
        table.AppendLine();
        table.AppendLine(CultureInfo.InvariantCulture, $"put, each round: {string.Join(", ", puts.Select(static run => run.Client.Wall.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} s; restic: {string.Join(", ", backups.Select(static run => run.Wall.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} s; dd: {string.Join(", ", copies.Select(static run => run.Wall.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} s");
        return table.ToString();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (Measurement Client, double NodeSeconds) Put(string file)
    {
        string data = Path.Combine(_folder, "cluster");
        Command.Run(_binary, _environment, "cluster", "up", "--data", data, "--nodes", Nodes.ToString(CultureInfo.InvariantCulture));
        try
        {
            Settle();
            double before = NodeProcessorSeconds(data);
            Measurement put = Command.Run(_binary, _environment, "put", file);
            return (put, NodeProcessorSeconds(data) - before);
        }
        finally
        {
            Command.Run(_binary, _environment, "cluster", "down", "--data", data);
            Directory.Delete(data, recursive: true);
        }
    }

    private Measurement Backup(string file)
    {
        string repository = Path.Combine(_folder, "repository");
        Command.Run("restic", _environment, "init", "--repo", repository);
        Settle();
        Measurement backup = Command.Run("restic", _environment, "backup", "--repo", repository, file);
        Directory.Delete(repository, recursive: true);
        return backup;
    }

    private Measurement Copy(long length)
    {
        string target = Path.Combine(_folder, "copy");
        Settle();
        Measurement copy = Command.Run("dd", _environment, "if=/dev/zero", $"of={target}", "bs=1M", $"count={length >> 20}", "conv=fsync");
        File.Delete(target);
        return copy;
    }

    // Whatever an earlier step left unwritten would be charged to the next.
    private void Settle() => Command.Run("sync", _environment);

    private static double NodeProcessorSeconds(string data)
    {
        using JsonDocument cluster = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "cluster.json")));
        return cluster.RootElement.GetProperty("nodes").EnumerateArray().Sum(static node =>
        {
            using Process process = Process.GetProcessById(node.GetProperty("pid").GetInt32());
            return process.TotalProcessorTime.TotalSeconds;
        });
    }

    private string MakeFile(long length)
    {
        const int Seed = 1;
        string path = Path.Combine(_folder, "file");
        var random = new Random(Seed);
        var noise = new byte[1 << 20];
        byte[] words = Encoding.ASCII.GetBytes("stripe parity chunk node repair scrub blob manifest placement shard ");
        using FileStream file = File.Create(path);
        for (long written = 0; written < length; written += noise.Length)
        {
            random.NextBytes(noise);
            if ((written / noise.Length) % 2 == 1)
            {
                for (int i = 0; i < noise.Length; i++)
                    noise[i] = words[(noise[i] * 7 + i) % words.Length];
            }

            file.Write(noise, 0, (int)Math.Min(noise.Length, length - written));
        }

        file.Flush(flushToDisk: true);
        return path;
    }

    private static string Row(string what, double seconds, long length, double processor, double ratio) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {what} | {seconds:0.00} | {length / seconds / 1e6:0} | {(double.IsNaN(processor) ? "" : processor.ToString("0.0", CultureInfo.InvariantCulture))} | {ratio:0.00} |");

    private static string FindBinary()
    {
        string binary = Path.Combine(Figures.Root(), "artifacts", "bin", "megatorrent");
        return File.Exists(binary)
            ? binary
            : throw new InvalidOperationException("the published binary is missing; run ./build.sh native first.");
    }
}
