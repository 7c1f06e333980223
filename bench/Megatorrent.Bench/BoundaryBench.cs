using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Megatorrent.Bench;

/// <summary>
/// The cost of the way from a language into the library: every suite measures the same calls, one suite after the other, round after round,
/// and each is set beside the suite in C#, which calls the same code without a boundary. A ratio is that of one round, so that a machine
/// that is slower for a while is slower for both; the medians over the rounds count.
/// </summary>
internal sealed class BoundaryBench(BoundarySuite[] suites, int rounds, long objectLength, string results)
{
    private const string Baseline = "C#";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Measures, writes <c>boundary.md</c> and <c>boundary.json</c> to the folder of the results, and gives the table.</summary>
    public string Run()
    {
        string binary = Environment.GetEnvironmentVariable("MEGATORRENT_BIN")
            ?? throw new InvalidOperationException("MEGATORRENT_BIN is not set; `./build.sh bench boundary` sets it.");
        string capability = Put(binary);
        List<Sample> samples = [];
        for (int round = 0; round < rounds; round++)
        {
            // Whoever comes first finds a colder machine: the order goes round.
            for (int i = 0; i < suites.Length; i++)
            {
                BoundarySuite suite = suites[(round + i) % suites.Length];
                Console.Error.WriteLine($"round {round + 1} of {rounds}: {suite.Name}");
                samples.AddRange(Measure(suite, capability, round));
            }
        }

        string version = Command.Run(binary, new Dictionary<string, string>(), "version").Output.Split('\n')[0];
        string machine = $"{version}; {Figures.Processor()}, {Environment.ProcessorCount} processors";
        string table = Table(samples, machine);
        Directory.CreateDirectory(results);
        File.WriteAllText(Path.Combine(results, "boundary.md"), table);
        File.WriteAllText(
            Path.Combine(results, "boundary.json"),
            JsonSerializer.Serialize(new { machine, utc = DateTime.UtcNow, rounds, objectLength, samples }, Indented) + "\n");
        return table;
    }

    private string Put(string binary)
    {
        string file = Path.GetTempFileName();
        try
        {
            const int Seed = 1;
            var random = new Random(Seed);
            var piece = new byte[1 << 20];
            using (FileStream stream = File.Create(file))
            {
                for (long written = 0; written < objectLength; written += piece.Length)
                {
                    random.NextBytes(piece);
                    stream.Write(piece, 0, (int)Math.Min(piece.Length, objectLength - written));
                }
            }

            return Command.Run(binary, new Dictionary<string, string>(), "put", file).Output;
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Lines "bench NAME NANOSECONDS BYTES".
    private static IEnumerable<Sample> Measure(BoundarySuite suite, string capability, int round)
    {
        string output = Command.Run(suite.Program, suite.Environment, [.. suite.Arguments, "bench", capability]).Output;
        foreach (string line in output.Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.TrimEntries) is ["bench", { } name, { } time, { } bytes])
            {
                yield return new Sample(
                    suite.Name, name, round, double.Parse(time, CultureInfo.InvariantCulture), long.Parse(bytes, CultureInfo.InvariantCulture));
            }
        }
    }

    private string Table(List<Sample> samples, string machine)
    {
        string[] names = [.. samples.Select(static sample => sample.Name).Distinct()];
        StringBuilder table = new();
        table.Append(CultureInfo.InvariantCulture, $"{machine}; medians of {rounds} interleaved rounds; ratio: the rate beside that of C#\n\n");
        table.Append("| language |").AppendJoin('|', names.Select(static name => $" {name} ")).Append("|\n");
        table.Append('|').Append(string.Concat(Enumerable.Repeat("---|", names.Length + 1))).Append('\n');
        foreach (BoundarySuite suite in suites)
            table.Append($"| {suite.Name} |").AppendJoin('|', names.Select(name => $" {Cell(samples, suite.Name, name)} ")).Append("|\n");
        return table.ToString();
    }

    private static string Cell(List<Sample> samples, string suite, string name)
    {
        Sample[] mine = [.. samples.Where(sample => sample.Suite == suite && sample.Name == name)];
        if (mine.Length == 0)
            return "-";

        double nanoseconds = Figures.Median(mine.Select(static sample => sample.Nanoseconds));
        const int SmallBytes = 1 << 10; // below it a call's time says more than a rate
        string cost = mine[0].Bytes < SmallBytes
            ? string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.0} ns")
            : string.Create(CultureInfo.InvariantCulture, $"{mine[0].Bytes * 1e3 / nanoseconds:0} MB/s");
        double[] ratios =
        [
            .. mine.SelectMany(sample => samples
                .Where(other => other.Suite == Baseline && other.Name == name && other.Round == sample.Round)
                .Select(other => other.Nanoseconds / sample.Nanoseconds)),
        ];
        return suite == Baseline || ratios.Length == 0
            ? cost
            : string.Create(CultureInfo.InvariantCulture, $"{cost} ({Figures.Median(ratios):0.00})");
    }

    /// <summary>What a suite measured of one call in one round.</summary>
    private readonly record struct Sample(string Suite, string Name, int Round, double Nanoseconds, long Bytes);
}
