using System.Globalization;
using System.Runtime.Intrinsics.X86;

namespace Megatorrent.Bench.Table;

/// <summary><c>bench</c> without a name: the performance table, or some sections of it.</summary>
internal static class TableProgram
{
    public static readonly string Help = $"""
        bench [SECTION ...]: the performance table, ours beside the peers' in one run; Markdown here, JSON beside it in bench/results.

          --quick         small sizes and few rounds: about two minutes
          --check         the least that runs every path and checks its results; the figures mean nothing
          --rounds N      rounds of each, interleaved; the medians count (default 7, with --quick 3, with --check 1)
          --folder DIR    where stores, clusters and files are made (default: the temporary folder)

        Sections:
        {string.Join(Environment.NewLine, Sections.All.Select(static section => $"  {section.Name,-16}{section.Summary}"))}
        """;

    /// <summary>Whether these arguments mean the table.</summary>
    public static bool Understands(string[] args) =>
        args.Length == 0 || args[0].StartsWith("--", StringComparison.Ordinal) || Sections.All.Any(section => section.Name == args[0]);

    public static int Run(string[] args)
    {
        Pace pace = Pace.Full;
        int? rounds = null;
        string folder = Path.GetTempPath();
        var names = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--quick":
                    pace = Pace.Quick;
                    break;
                case "--check":
                    pace = Pace.Check;
                    break;
                case "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out int given) && given is > 0 and <= 1000:
                    rounds = given;
                    i++;
                    break;
                case "--folder" when Directory.Exists(value):
                    folder = value;
                    i++;
                    break;
                case string name when Sections.All.Any(section => section.Name == name):
                    names.Add(name);
                    break;
                default:
                    Console.Error.WriteLine(Help);
                    return args[i] is "--help" or "-h" ? 0 : 2;
            }
        }

        string own = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(folder), $"megatorrent-bench-{Environment.ProcessId}")).FullName;
        try
        {
            var context = new BenchContext
            {
                Pace = pace,
                Rounds = rounds ?? pace switch { Pace.Full => 7, Pace.Quick => 3, _ => 1 },
                Folder = own,
                Root = Figures.Root(),
            };
            return Measure(context, names, Path.Combine(context.Root, "bench", "results"));
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    private static int Measure(BenchContext context, List<string> names, string results)
    {
        string version = Command.Run(context.Binary, new Dictionary<string, string>(), "version").Output.Split('\n')[0];
        var report = new TableReport(
            $"{version}; {Figures.Processor()}, {Environment.ProcessorCount} processors, {InstructionSet()}; medians of {context.Rounds} interleaved "
            + $"rounds{(context.Pace == Pace.Full ? "" : $"; --{context.Pace.ToString().ToLowerInvariant()}, so take the figures as a hint only")}");
        int failed = 0;
        foreach (Section section in Sections.All.Where(section => names.Count == 0 || names.Contains(section.Name)))
        {
            Console.Error.WriteLine($"{section.Name}: {section.Summary}");
            try
            {
                foreach (Row row in section.Measure(context))
                    report.Add(section, row);
            }
            catch (InvalidOperationException exception)
            {
                failed++;
                Console.Error.WriteLine($"bench: {section.Name}: {exception.Message}");
            }
        }

        Directory.CreateDirectory(results);
        string name = names.Count == 0 ? "table" : string.Join('-', names);
        File.WriteAllText(Path.Combine(results, name + ".md"), report.Markdown());
        File.WriteAllText(Path.Combine(results, name + ".json"), report.Json());
        Console.WriteLine(report.Markdown());
        Console.WriteLine($"{report.Count} rows, {report.Missed} below what is wanted, {failed} sections failed");
        return failed == 0 ? 0 : 1;
    }

    private static string InstructionSet() =>
        Gfni.IsSupported && Avx512F.IsSupported ? "AVX-512 and GFNI"
        : Avx512F.IsSupported ? "AVX-512 without GFNI"
        : Gfni.IsSupported ? "AVX2 and GFNI, no AVX-512"
        : Avx2.IsSupported ? "AVX2, neither AVX-512 nor GFNI" : "no AVX2";
}
