using System.Globalization;
using System.Security.Cryptography;
using Megatorrent.Bench.Table;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Bench.Nodes;

/// <summary>Many idle connections to one node: what each costs in memory, and whether the node still answers at once.</summary>
internal static class ConnectionsSection
{
    private const int SpareFiles = 200; // what a process has open besides the connections
    private const int SpareConnections = 16; // the node counts one that has ended until it knows
    private const int WarmCount = 50;
    private const double KibibytesMax = 16;
    private const double PingMsMax = 20;

    public static Section Section { get; } = new("connections", "many idle, authenticated connections to one node", Measure);

    private static IEnumerable<Row> Measure(BenchContext context)
    {
        int count = context.Pick(10_000, 2000, 50);
        // The default at full pace. Each end pings after a third of it, so that every connection has been pinged within half of it.
        int? idleTimeoutMs = context.Pick((int?)null, 8000, 2000);
        TimeSpan watch = TimeSpan.FromMilliseconds((idleTimeoutMs ?? 60_000) / 2);
        RequireOpenFiles(count + SpareFiles);
        try
        {
            return MeasureAsync(context, count, idleTimeoutMs, watch).GetAwaiter().GetResult();
        }
        catch (MegatorrentException exception)
        {
            throw new InvalidOperationException($"a connection to the node failed: {exception.Message}", exception);
        }
    }

    private static async Task<Row[]> MeasureAsync(BenchContext context, int count, int? idleTimeoutMs, TimeSpan watch)
    {
        byte[] seed = RandomNumberGenerator.GetBytes(SigningKey.SeedLength);
        using SigningKey cluster = SigningKey.FromSeed(seed);
        using var host = new NodeHostProcess(Path.Combine(context.Folder, "node"), seed, count + SpareConnections);
        // Once before, so that what the node makes once is not counted: code, threads, pools.
        await using (await Crowd.OpenAsync(host.Endpoint, cluster, Math.Min(count, WarmCount), idleTimeoutMs))
            host.Settle();
        long before = host.Settle().ResidentBytes;

        await using Crowd crowd = await Crowd.OpenAsync(host.Endpoint, cluster, count, idleTimeoutMs);
        context.Say($"{count} connections are open");
        List<double> pings = await crowd.PingAsync(watch);
        (long after, int held) = host.Settle();
        if (held != count || crowd.OpenCount != count)
            throw new InvalidOperationException($"of {count} connections the node holds {held} at the end, and {crowd.OpenCount} are open here.");
        double p99 = pings.Order().ElementAt(pings.Count * 99 / 100);
        return
        [
            new Row
            {
                What = $"{count} idle connections: memory of the node, each",
                Unit = "KiB",
                Ours = (after - before) / 1024.0 / count,
                Wanted = KibibytesMax,
                SmallerIsBetter = true,
                Note = $"growth of VmRSS from {before / 1e6:0} MB, after a collection; the node's process alone, the kernel's socket buffers "
                    + "not counted; each with an identity and a certificate of its own, pinged since",
            },
            new Row
            {
                What = $"p99 of a ping while {count} connections are open and ping now and then",
                Unit = "ms",
                Ours = p99,
                Wanted = PingMsMax,
                SmallerIsBetter = true,
                Note = $"{pings.Count} pings over one of them within {watch.TotalSeconds:0} s, both ends on this machine; median "
                    + $"{Figures.Median(pings):0.00} ms, slowest {pings.Max():0.0} ms",
            },
        ];
    }

    // As many in this process as in the node's.
    private static void RequireOpenFiles(int count)
    {
        const string name = "Max open files";
        string line = File.ReadLines("/proc/self/limits").First(static line => line.StartsWith(name, StringComparison.Ordinal));
        string limit = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]; // the hard one: .NET takes all of it
        if (int.TryParse(limit, CultureInfo.InvariantCulture, out int most) && most < count)
            throw new InvalidOperationException($"{count} open files are needed and {most} allowed: raise the hard limit (ulimit -Hn).");
    }
}
