using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Megatorrent.Build.Suites;

/// <summary>
/// Mutation testing with Stryker.NET: each change of a parser or of the erasure code that no test notices is a test that is missing, or a
/// change that makes no difference. What is mutated is in <c>tests/Megatorrent.Core.Tests/stryker-config.json</c>.
/// </summary>
internal sealed class MutationRun(Checkout checkout, Steps steps)
{
    private const string Version = "5.1.0";
    private const string Help =
        """
        usage: build.sh mutate [--files GLOB ...] [--tests NAME] [--jobs N]

          --files GLOB   only these sources of src/Megatorrent.Core, for instance 'Encoding/**/*.cs'; all that the configuration names if none
          --tests NAME   ask only the tests with this in their full name, for instance Core.Tests.Erasure: several times as fast, and what only
                         another test notices counts as unnoticed; all tests if not told otherwise
          --jobs N       test processes side by side, 1 to 64; 2 if not told otherwise

        It takes some hours on two processors, a folder of Core some ten minutes. At the end there is a line a file and the changes that no test noticed, with
        their lines; the report to click through is artifacts/mutation/reports/mutation-report.html. Exit code 1 below 80 %.
        See docs/guide/mutation.md.
        """;

    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);

    private string Tool => checkout.At("artifacts", "tools", "dotnet-stryker");

    private string Output => checkout.At("artifacts", "mutation");

    /// <summary>Does what the user asks for.</summary>
    /// <returns>1 when the score is below what is wanted, or Stryker failed.</returns>
    public int Interactively(string[] args, Action ensurePackages)
    {
        var files = new List<string>();
        string tests = "";
        int jobs = 2;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--help" or "-h":
                    Console.WriteLine(Help);
                    return 0;
                case "--files" when value.Length > 0:
                    files.AddRange("--mutate", value);
                    break;
                case "--tests" when value.Length > 0:
                    tests = value;
                    break;
                case "--jobs" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out jobs) && jobs is > 0 and <= 64:
                    break;
                default:
                    throw new BuildException($"cannot use '{args[i]} {value}'; `mutate --help` says what it takes.", ExitCode.Usage);
            }
        }

        ensurePackages();
        if (!File.Exists(Tool))
            steps.Run("Stryker", Install);
        if (Directory.Exists(Output))
            Directory.Delete(Output, recursive: true);
        string folder = checkout.At("tests", "Megatorrent.Core.Tests"), configuration = Path.Combine(folder, "stryker-config.json");
        if (tests.Length > 0)
            configuration = AskOnly(tests, configuration);
        int exitCode = Shell.RunInteractively(
            Tool,
            [
                "--config-file", configuration, "--skip-version-check", "--concurrency", jobs.ToString(CultureInfo.InvariantCulture),
                "--output", Output, .. files,
            ],
            folder);
        string report = Path.Combine(Output, "reports", "mutation-report.json");
        if (File.Exists(report))
            Print(report);
        return exitCode == 0 ? 0 : ExitCode.Failed;
    }

    private void Install() => Shell.Succeed(
        "dotnet",
        ["tool", "install", "dotnet-stryker", "--version", Version, "--tool-path", Path.GetDirectoryName(Tool)!],
        checkout.Root,
        InstallLimit);

    // Stryker takes a filter of tests from its configuration only.
    private string AskOnly(string tests, string configuration)
    {
        JsonNode document = JsonNode.Parse(File.ReadAllText(configuration))!;
        document["stryker-config"]!["test-case-filter"] = $"FullyQualifiedName~{tests}";
        Directory.CreateDirectory(Output);
        string path = Path.Combine(Output, "stryker-config.json");
        File.WriteAllText(path, document.ToJsonString());
        return path;
    }

    private static void Print(string report)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(report));
        string root = document.RootElement.GetProperty("projectRoot").GetString()!;
        var survivors = new List<string>();
        Score all = default;
        Console.WriteLine();
        Console.WriteLine($"{"file",-48}{"noticed",9}{"by time",9}{"not",6}{"score",9}");
        foreach (JsonProperty file in document.RootElement.GetProperty("files").EnumerateObject().OrderBy(static file => file.Name, StringComparer.Ordinal))
        {
            Score score = default;
            string name = Path.GetRelativePath(root, file.Name);
            foreach (JsonElement mutant in file.Value.GetProperty("mutants").EnumerateArray())
            {
                string status = mutant.GetProperty("status").GetString()!;
                if (status is "Killed" or "Timeout")
                    score = score with { Noticed = score.Noticed + 1, ByTime = score.ByTime + (status == "Timeout" ? 1 : 0) };
                if (status is not ("Survived" or "NoCoverage"))
                    continue;
                score = score with { Not = score.Not + 1 };
                int line = mutant.GetProperty("location").GetProperty("start").GetProperty("line").GetInt32();
                survivors.Add($"{name}:{line}: {mutant.GetProperty("mutatorName").GetString()}: {OneLine(mutant.GetProperty("replacement").GetString()!)}");
            }
            if (score.Count > 0)
                Console.WriteLine($"{name,-48}{score}");
            all = new Score(all.Noticed + score.Noticed, all.ByTime + score.ByTime, all.Not + score.Not);
        }
        Console.WriteLine($"{"all",-48}{all}");
        Console.WriteLine();
        Console.WriteLine(string.Join(Environment.NewLine, survivors.Prepend("what no test noticed:")));
    }

    private static string OneLine(string source) => string.Join(' ', source.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

    private readonly record struct Score(int Noticed, int ByTime, int Not)
    {
        public int Count => Noticed + Not;

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{Noticed,9}{ByTime,9}{Not,6}{(Count == 0 ? 0 : 100.0 * Noticed / Count),8:0.0}%");
    }
}
