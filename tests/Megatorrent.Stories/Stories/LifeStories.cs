using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Megatorrent.Stories.Stories;

/// <summary>A cluster that is used and killed for a long time, and what its nodes take of their machine meanwhile.</summary>
internal static class LifeStories
{
    private const int Nodes = 6;
    private const int KilledOnes = 3; // of the first nodes; the others live from the beginning to the end
    private const int ObjectBytes = 100_000;
    private const int ObjectsKept = 400;
    private const int WarmUpParts = 4; // of ten: by then what is forgotten is collected as fast as it is put

    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillEvery = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(8);

    public static Story[] All { get; } =
    [
        new("long-life", "--minutes of puts, gets and forgets while nodes are killed; memory, descriptors, threads and segments must be flat", false, RunAsync, IsLong: true),
    ];

    private static async Task<string> RunAsync(StoryContext story)
    {
        await using StoryCluster cluster = await StoryCluster.StartAsync(
            story, NodeNetwork.Loopback(32_700), Nodes, "--grace", "1h", "--collect-after", "3s", "--collect-period", "5s", "--scrub-period", "10m");
        var samples = new List<Sample>();
        (int requests, int kills, int forgotten) = (0, 0, 0);
        string[] failures;
        await using (var load = new Load(cluster, workers: 3, ObjectBytes))
        {
            var clock = Stopwatch.StartNew();
            TimeSpan whole = TimeSpan.FromMinutes(story.Minutes), said = default, killed = default;
            StoryNode? away = null;
            var unwanted = new HashSet<StoredFile>();
            var toForget = new Queue<StoredFile>();
            var random = new Random(story.Seed);
            using var ticks = new PeriodicTimer(SampleEvery); // a sample now and then is what is asked for
            while (clock.Elapsed < whole && await ticks.WaitForNextTickAsync())
            {
                if (away is not null && clock.Elapsed - killed > Away)
                {
                    await away.StartAsync();
                    away = null;
                }
                if (clock.Elapsed - killed > KillEvery && whole - clock.Elapsed > 2 * Away)
                {
                    away = cluster.Nodes[random.Next(KilledOnes)];
                    away.Kill();
                    killed = clock.Elapsed;
                    kills++;
                }
                foreach (StoredFile file in cluster.Files.SkipLast(ObjectsKept).Where(unwanted.Add))
                    toForget.Enqueue(file);
                while (toForget.TryPeek(out StoredFile next) && await TryForgetAsync(cluster, next))
                {
                    toForget.Dequeue();
                    forgotten++;
                }
                samples.Add(Take(cluster));
                if (clock.Elapsed - said < TimeSpan.FromMinutes(1))
                    continue;
                said = clock.Elapsed;
                story.Say($"{load.Count} requests, {load.Failures.Length} failed, {kills} kills, {forgotten} forgotten; {samples[^1]}");
            }
            if (away is not null)
                await away.StartAsync();
            requests = load.Count;
            failures = load.Failures;
        }
        if (failures.FirstOrDefault(static one => one.StartsWith("get", StringComparison.Ordinal)) is { } lost)
            throw new StoryException($"a get failed: {lost}");
        if (failures.Length > requests / 100)
            throw new StoryException($"{failures.Length} of {requests + failures.Length} requests failed, the first: {failures[0]}");
        await cluster.ConnectAsync();
        await cluster.UntilLivingAsync(Nodes);
        TimeSpan healed = await cluster.UntilHealthyAsync();
        await cluster.CheckAllAsync();
        string flat = Judge(samples);
        return $"{story.Minutes} min, {requests} requests, {failures.Length} puts refused, {kills} kills, {forgotten} objects forgotten; {flat}; "
            + $"full strength {healed.TotalSeconds:0.0} s after it, {cluster.Files.Length} objects equal";
    }

    // Leases can be ended at some holders only while one is away: tried again at the next turn.
    private static async Task<bool> TryForgetAsync(StoryCluster cluster, StoredFile file)
    {
        try
        {
            await cluster.ForgetAsync(file);
            return true;
        }
        catch (Exception exception) when (exception is StoryException or Core.MegatorrentException)
        {
            return false;
        }
    }

    private static Sample Take(StoryCluster cluster)
    {
        StoryNode[] longLived = [.. cluster.Nodes.Skip(KilledOnes)];
        NodeUsage[] usages = [.. longLived.Select(static node => node.Usage)];
        using JsonDocument status = JsonDocument.Parse(cluster.Megatorrent("status", "--json"));
        JsonElement[] nodes = [.. status.RootElement.GetProperty("nodes").EnumerateArray()];
        long live = nodes.Sum(static node => Bytes(node, "liveBytes")), used = nodes.Sum(static node => Bytes(node, "usedBytes"));
        return new Sample(
            usages.Max(static usage => usage.ResidentBytes), longLived.Max(one => Heap(nodes.First(node => node.GetProperty("endpoint").GetString() == one.Endpoint))),
            usages.Max(static usage => usage.Descriptors), usages.Max(static usage => usage.Threads), used / (double)Math.Max(1, live));
    }

    // Of a node that is away there is none.
    private static long Bytes(JsonElement node, string name) => node.TryGetProperty(name, out JsonElement bytes) ? bytes.GetInt64() : 0;

    private static long Heap(JsonElement node) =>
        node.TryGetProperty("services", out JsonElement services) ? Bytes(services.GetProperty("process"), "heap-bytes") : 0;

    // What a long-lived node takes in the last fifth of the time, beside the fifth after the warm-up.
    private static string Judge(List<Sample> samples)
    {
        int tenth = samples.Count / 10;
        if (tenth == 0)
            throw new StoryException($"{samples.Count} samples are too few to tell anything: --minutes 1 or more");
        Sample[] early = [.. samples.Skip(WarmUpParts * tenth).Take(2 * tenth)], late = [.. samples.TakeLast(2 * tenth)];
        return string.Join(", ",
        [
            Flat("resident MiB", static sample => sample.ResidentBytes / 1048576.0, 1.15, 32),
            Flat("heap MiB", static sample => sample.HeapBytes / 1048576.0, 1.15, 16),
            Flat("descriptors", static sample => sample.Descriptors, 1.1, 16),
            Flat("threads", static sample => sample.Threads, 1.1, 4),
            Flat("segment bytes a live byte", static sample => sample.Amplification, 1.15, 0.25),
        ]);

        string Flat(string what, Func<Sample, double> of, double factor, double slack)
        {
            double before = Median(early, of), after = Median(late, of);
            string text = string.Create(CultureInfo.InvariantCulture, $"{what} {before:0.##} -> {after:0.##}");
            return after <= before * factor + slack ? text : throw new StoryException($"not flat: {text}");
        }
    }

    private static double Median(Sample[] samples, Func<Sample, double> of) => samples.Select(of).Order().ElementAt(samples.Length / 2);

    private readonly record struct Sample(long ResidentBytes, long HeapBytes, int Descriptors, int Threads, double Amplification)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"resident {ResidentBytes >> 20} MiB, heap {HeapBytes >> 20} MiB, {Descriptors} descriptors, {Threads} threads, {Amplification:0.00} segment bytes a live byte");
    }
}
