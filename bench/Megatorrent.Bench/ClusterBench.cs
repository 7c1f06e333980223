using System.Diagnostics;
using System.Globalization;
using System.Text;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Entropy;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Erasure;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Memory;

namespace Megatorrent.Bench;

/// <summary>
/// Twelve nodes of the real code in one process over a network in memory, with stores on disk: what it costs to compare what they hold, and
/// to plan the repair after one has left. Blobs are 4 KiB, stripes 4+2, put straight into the stores.
/// </summary>
internal sealed class ClusterBench(string folder, int nodeCount)
{
    private const int BlobLength = 4096;
    private const int Data = 4;
    private const int Parity = 2;
    private const int PutsAtOnce = 2048;

    public string Run(IEnumerable<int> sizes)
    {
        var table = new StringBuilder();
        table.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Figures.Processor()}, {Environment.ProcessorCount} processors; {nodeCount} nodes in one process, "
            + $"stores in {folder}; blobs of 4 KiB, stripes {Data}+{Parity}");
        table.AppendLine();
        table.AppendLine(
            "| blobs | stripes | first comparison of all nodes, passes over descriptors, s | nothing differs: bytes | s "
            + "| 0.1 % differ: bytes | s, with passes | s, without | found | layout change: passes, s "
            + "| planning after a node left: s a node | descriptors/s | peak managed memory, MiB (before) | to repair |");
        table.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (int size in sizes)
            table.AppendLine(RunAsync(size).GetAwaiter().GetResult());
        return table.ToString();
    }

    private async Task<string> RunAsync(int blobs)
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, $"megatorrent-bench-{Environment.ProcessId}")).FullName;
        var nodes = new List<NodeServer>();
        try
        {
            SigningKey cluster = SigningKey.FromSeed(Seed("cluster", 0));
            var transport = new MemoryTransport();
            for (int i = 0; i < nodeCount; i++)
                nodes.Add(await NodeServer.StartAsync(Options(root, i, cluster, transport), CancellationToken.None));
            await UntilAsync(() => nodes.All(node => node.Membership.View.Living.Count == nodeCount));
            int stripes = blobs / (Data + Parity);
            List<(BlobId Stripe, BlobId Blob, NodeServer Holder)> doomed = await LoadAsync(nodes, stripes);
            return await MeasureAsync(nodes, blobs, stripes, doomed);
        }
        finally
        {
            foreach (NodeServer node in nodes)
                await node.DisposeAsync();
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<string> MeasureAsync(
        List<NodeServer> nodes, int blobs, int stripes, List<(BlobId Stripe, BlobId Blob, NodeServer Holder)> doomed)
    {
        Console.Error.WriteLine($"{blobs}: comparing");
        (double first, _, _) = await CompareAsync(nodes, expected: []);
        (double equal, long equalBytes, _) = await CompareAsync(nodes, expected: []);
        foreach ((_, BlobId blob, NodeServer holder) in doomed)
            await holder.Store.DeleteAsync(blob);
        BlobId[] lost = [.. doomed.Select(static one => one.Stripe)];
        (double withPasses, _, _) = await CompareAsync(nodes, lost);
        (double different, long differentBytes, int found) = await CompareAsync(nodes, lost);

        Console.Error.WriteLine($"{blobs}: one node leaves");
        NodeServer gone = nodes[0];
        BlobId[] onIt = [.. gone.Store.Descriptors];
        nodes.RemoveAt(0);
        await gone.DisposeAsync();
        await UntilAsync(() => nodes.All(node => node.Membership.View.Living.Count == nodes.Count));
        long begin = Stopwatch.GetTimestamp();
        foreach (NodeServer node in nodes)
            await node.Service<EntropyService>().CompareAsync(CancellationToken.None);
        double passes = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        long before = Settle();
        var peak = new Peak();
        long known = 0, toRepair = 0;
        begin = Stopwatch.GetTimestamp();
        foreach (NodeServer node in nodes)
        {
            CycleResult plan = await node.Repair.PlanAsync(node.Membership.View, CancellationToken.None);
            known += plan.Known;
            toRepair += plan.Endangered;
        }
        double planning = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        long most = peak.Stop();
        int expected = onIt.Union(lost).Count();
        if (toRepair != expected)
            throw new InvalidOperationException($"{toRepair} stripes were planned to be repaired where {expected} lack a blob.");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {blobs} | {stripes} | {first:0.00} | {equalBytes} | {equal:0.000} "
            + $"| {differentBytes} | {withPasses:0.00} | {different:0.00} | {found} of {lost.Length} | {passes:0.00} "
            + $"| {planning / nodes.Count:0.00} | {known / planning:0} | {most / 1048576.0:0} ({before / 1048576.0:0}) | {toRepair} |");
    }

    private static async Task<(double Seconds, long Bytes, int Found)> CompareAsync(List<NodeServer> nodes, BlobId[] expected)
    {
        long begin = Stopwatch.GetTimestamp();
        long bytes = 0;
        var found = new HashSet<BlobId>();
        foreach (NodeServer node in nodes)
        {
            EntropyResult result = await node.Service<EntropyService>().CompareAsync(CancellationToken.None);
            // A pass over very many descriptors takes longer than a question may: the node asks again, as it does in service.
            while (result.Unknown is not null && Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(20))
                result = await node.Service<EntropyService>().CompareAsync(CancellationToken.None);
            if (result.Unknown is { } reason || result.IsTooMuch)
                throw new InvalidOperationException($"a comparison did not come to its end: {result.Unknown}");
            bytes += result.Bytes;
            found.UnionWith(result.Different);
        }
        return found.SetEquals(expected)
            ? (Stopwatch.GetElapsedTime(begin).TotalSeconds, bytes, found.Count)
            : throw new InvalidOperationException($"{found.Count} stripes were found different where {expected.Length} are.");
    }

    // Returns one blob in a thousand, of different stripes, to be deleted later.
    private static async Task<List<(BlobId Stripe, BlobId Blob, NodeServer Holder)>> LoadAsync(List<NodeServer> nodes, int stripes)
    {
        ClusterView view = nodes[0].Membership.View;
        Dictionary<NodeId, NodeServer> byId = nodes.ToDictionary(static node => node.Id);
        var doomed = new List<(BlobId Stripe, BlobId Blob, NodeServer Holder)>();
        var random = new Random(1);
        var puts = new List<Task>(PutsAtOnce + Data + Parity);
        int deleteEvery = Math.Max(1, 1000 / (Data + Parity));
        for (int i = 0; i < stripes; i++)
        {
            byte[][] shards = [.. Enumerable.Range(0, Data + Parity).Select(static _ => new byte[BlobLength])];
            for (int d = 0; d < Data; d++)
                random.NextBytes(shards[d]);
            ReedSolomon.Get(Data, Parity).Encode(
                Array.ConvertAll(shards[..Data], static shard => new ReadOnlyMemory<byte>(shard)),
                Array.ConvertAll(shards[Data..], static shard => new Memory<byte>(shard)));
            var descriptor = new StripeDescriptor(
                Parity, Array.ConvertAll(shards, static shard => BlobId.Of(shard)), Enumerable.Repeat(BlobLength, Data).ToArray());
            Member?[] places = Placement.Assign(descriptor.Id, shards.Length, view.Living, view.DomainCount);
            for (int s = 0; s < shards.Length; s++)
            {
                NodeServer holder = byId[places[s]!.Id];
                puts.Add(holder.Store.PutAsync(descriptor.Ids[s], shards[s], descriptor.Id, descriptor.Encoded).AsTask());
                if (i % deleteEvery == 0 && s == i / deleteEvery % shards.Length)
                    doomed.Add((descriptor.Id, descriptor.Ids[s], holder));
            }
            if (puts.Count >= PutsAtOnce || i == stripes - 1)
            {
                await Task.WhenAll(puts);
                puts.Clear();
            }
            if (i % 10_000 == 0)
                Console.Error.WriteLine($"{i} of {stripes} stripes put");
        }
        return doomed;
    }

    private static NodeOptions Options(string root, int number, SigningKey cluster, MemoryTransport transport)
    {
        Identity identity = Identity.FromSeed(Seed("node", number));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return new NodeOptions
        {
            DataDirectory = Path.Combine(root, $"node-{number}"),
            Listen = $"node:{20_000 + number}",
            Join = number == 0 ? [] : ["node:20000"],
            CapacityBytes = 1L << 40,
            Identity = identity,
            Certificate = Certificate.IssueByCluster(cluster, identity.PublicKey, Role.Node, now.AddDays(-1), now.AddDays(30)),
            ClusterKey = cluster.PublicKey.ToArray(),
            // The cycles are run by hand: by themselves they would begin after a day.
            Repair = new RepairOptions { GraceMs = 0, DebounceMs = 24 * 60 * 60 * 1000 },
            Entropy = new EntropyOptions { PeriodMs = 0, AnswerTimeoutMs = 600_000 },
            ScrubPeriodMs = 0,
            Transport = transport,
        };
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMinutes(5))
                throw new InvalidOperationException("the nodes do not agree on who lives.");
            await Task.Delay(100);
        }
    }

    private static long Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static byte[] Seed(string kind, int number)
    {
        var seed = new byte[32];
        Sha256.Hash(Encoding.ASCII.GetBytes($"bench {kind} {number}"), seed);
        return seed;
    }

    /// <summary>The most managed memory in use, looked at every 5 ms; garbage that was not collected yet counts.</summary>
    private sealed class Peak
    {
        private readonly Thread _thread;
        private long _most;
        private volatile bool _stop;

        public Peak()
        {
            _thread = new Thread(Watch) { IsBackground = true };
            _thread.Start();
        }

        public long Stop()
        {
            _stop = true;
            _thread.Join();
            return _most;
        }

        private void Watch()
        {
            while (!_stop)
            {
                _most = Math.Max(_most, GC.GetTotalMemory(forceFullCollection: false));
                Thread.Sleep(5);
            }
        }
    }
}
