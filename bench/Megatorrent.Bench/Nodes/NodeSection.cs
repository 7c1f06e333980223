using System.Diagnostics;
using Megatorrent.Bench.Table;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Bench.Nodes;

/// <summary>What a node of the published binary costs that nobody uses.</summary>
internal static class NodeSection
{
    private const double StartMsMax = 60;
    private const double ResidentMax = 40;

    public static Section Section { get; } = new("node", "a node of the published binary with nothing to do", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        string folder = Path.Combine(context.Folder, "cluster");
        var environment = new Dictionary<string, string>
        {
            ["XDG_CONFIG_HOME"] = Path.Combine(context.Folder, "config"),
            ["XDG_CACHE_HOME"] = Path.Combine(context.Folder, "cache"),
        };
        // Makes the node's identity and certificate, and an administrator's.
        Command.Run(context.Binary, environment, "cluster", "up", "--data", folder, "--nodes", "1");
        Command.Run(context.Binary, environment, "cluster", "down", "--data", folder);
        using Credential credential = Credential.Parse(File.ReadAllText(Path.Combine(folder, "admin.credential")));
        using Identity identity = credential.CreateIdentity();
        var sessions = new SessionOptions
        {
            Identity = identity,
            Certificate = credential.Certificate,
            ClusterKey = credential.ClusterKey,
        };
        TimeSpan idle = TimeSpan.FromSeconds(context.Pick(5, 5, 0));
        int starts = context.Pick(5, 3, 1); // for one look at the memory, which takes long
        string node = Path.Combine(folder, "node1");
        Start(context, node, sessions, TimeSpan.Zero); // what the page cache lacks of the binary, and our own code
        var answers = new List<double>();
        var readies = new List<double>();
        var residents = new List<double>();
        for (int round = 0; round < context.Rounds * starts; round++)
        {
            bool looks = round % starts == 0;
            var (ready, answer, resident) = Start(context, node, sessions, looks ? idle : TimeSpan.Zero);
            readies.Add(ready.TotalMilliseconds);
            answers.Add(answer.TotalMilliseconds);
            if (looks)
                residents.Add(resident);
        }

        yield return new Row
        {
            What = "idle node: start",
            Unit = "ms",
            Ours = Figures.Median(answers),
            Wanted = StartMsMax,
            SmallerIsBetter = true,
            Note = $"process made to first ping answered in an authenticated session, median of {answers.Count} starts on an existing store; "
                + $"it says that it serves after {Figures.Median(readies):0.0} ms; fastest {answers.Min():0.0}, slowest {answers.Max():0.0}",
        };
        yield return new Row
        {
            What = "idle node: resident memory",
            Unit = "MB",
            Ours = Figures.Median(residents) / 1e6,
            Wanted = ResidentMax,
            SmallerIsBetter = true,
            Note = $"VmRSS after {idle.TotalSeconds:0} s, pages of the binary's file included; median of {residents.Count}",
        };
    }

    private static (TimeSpan Ready, TimeSpan Answer, long Resident) Start(
        BenchContext context, string folder, SessionOptions sessions, TimeSpan idle)
    {
        long begin = Stopwatch.GetTimestamp();
        using NodeProgram node = NodeProgram.Start(context, folder);
        PingAsync(node.Endpoint, sessions).GetAwaiter().GetResult();
        TimeSpan answer = Stopwatch.GetElapsedTime(begin);
        Thread.Sleep(idle);
        return (node.Ready, answer, node.ResidentBytes);
    }

    private static async Task PingAsync(string endpoint, SessionOptions sessions)
    {
        await using PeerConnection connection =
            await PeerConnection.ConnectAsync(TcpTransport.Instance, endpoint, sessions, expected: null, CancellationToken.None);
        await connection.PingAsync(CancellationToken.None);
    }
}
