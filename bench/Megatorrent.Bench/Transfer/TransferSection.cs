using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Megatorrent.Bench.Table;

namespace Megatorrent.Bench.Transfer;

/// <summary>Node to node: blobs from the memory of one process to that of another, authenticated, encrypted and verified.</summary>
internal static class TransferSection
{
    private const int BlobLength = 1 << 20;

    public static Section Section { get; } = new("transfer", "node to node: rate and processor time beside libtorrent", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        int count = context.Pick(full: 4096, quick: 512, check: 8);
        int rounds = Math.Min(context.Rounds, 5);
        string folder = Path.Combine(MemoryFolder(context, 3L * count * BlobLength), $"megatorrent-transfer-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            var ours = new List<TransferResult>();
            var theirs = new List<TransferResult>();
            string version = "";
            for (int round = 0; round < rounds; round++)
            {
                context.Say($"node to node, round {round + 1} of {rounds}");
                ours.Add(Ours(folder, count));
                (TransferResult result, version) = Libtorrent(context, folder, count);
                theirs.Add(result);
            }

            double Rate(List<TransferResult> runs) => Figures.Median(runs.Select(static run => run.Bytes / run.Seconds / 1e6));
            double Processor(List<TransferResult> runs) => Figures.Median(runs.Select(static run => run.Processor / run.Bytes * 1e9));
            string peer = $"libtorrent {version}, plaintext TCP";
            yield return new Row
            {
                What = $"node to node, {count} MiB, AES-256-GCM, each blob verified",
                Unit = "MB/s",
                Ours = Rate(ours),
                Peer = peer,
                Theirs = Rate(theirs),
                Wanted = 4,
                Note = $"one connection, memory to memory, where no page is new; libtorrent from tmpfs to tmpfs, whose pages it allocates; {Figures.Median(ours.Select(static run => (double)run.Allocated)):0} "
                    + "bytes allocated a blob of 1 MiB on the receiving side",
            };
            yield return new Row
            {
                What = "the same: processor seconds of both ends",
                Unit = "s/GB",
                Ours = Processor(ours),
                Peer = peer,
                Theirs = Processor(theirs),
                Wanted = 4,
                SmallerIsBetter = true,
            };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string MemoryFolder(BenchContext context, long room) =>
        Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").AvailableFreeSpace > room ? "/dev/shm" : context.Folder;

    private static TransferResult Ours(string folder, int count)
    {
        string ids = Path.Combine(folder, "ids");
        string length = BlobLength.ToString(CultureInfo.InvariantCulture);
        using Process server = Self.Start(TransferEnds.Serve, count.ToString(CultureInfo.InvariantCulture), length, ids);
        string endpoint = server.ReadLine();
        using Process client = Self.Start(TransferEnds.Fetch, endpoint, length, ids);
        client.ReadLine(); // it is connected and warm
        server.StandardInput.WriteLine("begin");
        client.StandardInput.WriteLine("begin");
        TransferResult fetched = JsonSerializer.Deserialize<TransferResult>(client.ReadLine())!;
        server.StandardInput.WriteLine("end");
        double served = JsonSerializer.Deserialize<double>(server.ReadLine());
        client.WaitForExit();
        server.WaitForExit();
        return fetched with { Processor = fetched.Processor + served };
    }

    private static (TransferResult Result, string Version) Libtorrent(BenchContext context, string folder, int count)
    {
        string script = Path.Combine(context.Root, "bench", "peers", "transfer.py");
        Measurement run = Command.Run(
            "/usr/bin/python3", new Dictionary<string, string>(), script, folder, count.ToString(CultureInfo.InvariantCulture));
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        var result = new TransferResult(
            root.GetProperty("seconds").GetDouble(), root.GetProperty("processor").GetDouble(), root.GetProperty("bytes").GetInt64());
        if (result.Bytes != (long)count << 20)
            throw new InvalidOperationException($"libtorrent transferred {result.Bytes} bytes, not {count} MiB.");
        return (result, root.GetProperty("version").GetString()!);
    }
}
