using System.Globalization;
using System.Text.Json;
using Megatorrent.Bench.Durability;
using Megatorrent.Bench.Forecasting;
using Megatorrent.Bench.Nodes;
using Megatorrent.Bench.Stores;
using Megatorrent.Bench.Table;
using Megatorrent.Bench.Transfer;

namespace Megatorrent.Bench;

/// <summary>Whole-system benchmarks: ours and the peer's in one run on one machine, interleaved, medians and ratios.</summary>
internal static class BenchProgram
{
    private static readonly string Help = $"""
        {TableProgram.Help}

        bench micro: the managed kernels and formats by themselves, with BenchmarkDotNet, whose arguments it takes.

          --filter GLOB   those whose name fits, such as '*Erasure*' (default: all)

        bench boundary: the cost of crossing from each language into the library, beside the same calls in C#.

          --size MIB      the size of the object that is read, in MiB (default 256)
          --rounds N      rounds of each, interleaved; the medians count (default 11)

        bench forecast: decisions by forecast beside fixed thresholds, on synthetic and recorded traces; the same table for the same seed.
        bench durability: the loss of stripes as computed and as simulated at accelerated rates; the same table for the same seed.

          --seed N        the seed (default 1)
          --trace FILE    forecast: the recorded trace (default: bench/traces/cluster.csv of the checkout)

        bench cluster: what it costs twelve nodes to compare what they hold, and to plan the repair after one has left.

          --blobs N,N     blobs of 4 KiB in all, one row of the table each (default 10000)
          --nodes N       nodes, at least 7 (default 12)
          --folder DIR    where the stores are made (default: the temporary folder)
        """;

    public static int Run(string[] args)
    {
        // Processes that a section starts.
        if (args is [NodeHost.Verb, _, _, _])
            return NodeHost.Run(args);
        if (args is [StoreHost.Verb, _, _])
            return StoreHost.Run(args);
        if (args is ["forecast" or "durability", ..])
            return Simulated(args);
        if (args is ["cluster", ..])
            return Cluster(args[1..]);
        if (args is [TransferEnds.Serve, ..])
            return TransferEnds.ServeAsync(args[1..]).GetAwaiter().GetResult();
        if (args is [TransferEnds.Fetch, ..])
            return TransferEnds.FetchAsync(args[1..]).GetAwaiter().GetResult();
        if (TableProgram.Understands(args))
            return TableProgram.Run(args);
        if (args is ["boundary", ..])
            return Boundary(args[1..]);
        Console.Error.WriteLine(Help);
        return args is ["help", ..] ? 0 : 2;
    }

    private static int Boundary(string[] args)
    {
        long mebibytes = 256;
        int rounds = 11;
        string? suites = null, results = null;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool understood = args[i] switch
            {
                "--size" => long.TryParse(value, CultureInfo.InvariantCulture, out mebibytes) && mebibytes > 0,
                "--rounds" => int.TryParse(value, CultureInfo.InvariantCulture, out rounds) && rounds > 0,
                "--suites" => File.Exists(suites = value), // these two come from the build tool
                "--results" => (results = value).Length > 0,
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine(Help);
                return args[i] is "--help" or "-h" ? 0 : 2;
            }
        }

        try
        {
            Console.WriteLine(Boundary(suites, results, rounds, mebibytes << 20));
            return 0;
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine($"bench: {exception.Message}");
            return 1;
        }
    }

    private static int Simulated(string[] args)
    {
        ulong seed = 1;
        string? trace = null;
        for (int i = 1; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool understood = args[i] switch
            {
                "--seed" => ulong.TryParse(value, CultureInfo.InvariantCulture, out seed),
                "--trace" when args[0] == "forecast" => File.Exists(trace = value),
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine(Help);
                return args[i] is "--help" or "-h" ? 0 : 2;
            }
        }
        if (args[0] == "forecast")
            new ForecastBench(seed, trace).Run(Console.Out);
        else
            Console.Write(new DurabilityBench(seed).Run());
        return 0;
    }

    private static int Cluster(string[] args)
    {
        int[] sizes = [10_000];
        int nodes = 12;
        string folder = Path.GetTempPath();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool understood = args[i] switch
            {
                "--blobs" => TryParseSizes(value, out sizes),
                "--nodes" => int.TryParse(value, CultureInfo.InvariantCulture, out nodes) && nodes is >= 7 and <= 100,
                "--folder" => Directory.Exists(folder = value),
                _ => false,
            };
            if (!understood)
            {
                Console.Error.WriteLine(Help);
                return args[i] is "--help" or "-h" ? 0 : 2;
            }
        }

        try
        {
            Console.WriteLine(new ClusterBench(folder, nodes).Run(sizes));
            return 0;
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine($"bench: {exception.Message}");
            return 1;
        }
    }

    private static bool TryParseSizes(string text, out int[] sizes)
    {
        sizes = [.. text.Split(',').Select(static part => int.TryParse(part, CultureInfo.InvariantCulture, out int size) ? size : 0)];
        return Array.TrueForAll(sizes, static size => size >= 6);
    }

    private static string Boundary(string? suites, string? results, int rounds, long objectLength)
    {
        if (suites is null || results is null)
            throw new InvalidOperationException("the build tool knows the suites: run `./build.sh bench boundary`.");
        BoundarySuite[] list = JsonSerializer.Deserialize<BoundarySuite[]>(File.ReadAllText(suites), JsonSerializerOptions.Web)!;
        return new BoundaryBench(list, rounds, objectLength, results).Run();
    }
}
