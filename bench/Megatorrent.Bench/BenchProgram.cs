using System.Globalization;

namespace Megatorrent.Bench;

/// <summary>Whole-system benchmarks: ours and the peer's in one run on one machine, interleaved, medians and ratios.</summary>
internal static class BenchProgram
{
    private const string Help = """
        bench: put one file on a six-node cluster on loopback beside `restic backup` of the same file to a local repository.

          --size MIB      the file's size in MiB (default 1024)
          --rounds N      rounds of each, interleaved; the medians count (default 3)
          --data FILE     this file instead of one that is made (half noise, half text-like)
          --folder DIR    where clusters and repositories are made (default: the temporary folder)
        """;

    public static int Run(string[] args)
    {
        long mebibytes = 1024;
        int rounds = 3;
        string? data = null;
        string folder = Path.GetTempPath();
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool understood = args[i] switch
            {
                "--size" => long.TryParse(value, CultureInfo.InvariantCulture, out mebibytes) && mebibytes > 0,
                "--rounds" => int.TryParse(value, CultureInfo.InvariantCulture, out rounds) && rounds > 0,
                "--data" => File.Exists(data = value),
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
            using var bench = new PutBench(folder, rounds);
            Console.WriteLine(bench.Run(data, mebibytes << 20));
            return 0;
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine($"bench: {exception.Message}");
            return 1;
        }
    }
}
