using System.Text;
using System.Text.Json;

namespace Megatorrent.Build.Suites;

/// <summary>
/// Lets every suite show the behaviours of <c>tests/vectors/behaviours.json</c>, each with a cluster of its own, and holds what it prints
/// against the list: an id that the list does not have for the language, or that is not printed, or printed twice, is a failure.
/// </summary>
internal sealed class BehaviourRun(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private readonly List<(string Name, Dictionary<string, Outcome> Outcomes)> _columns = [];
    private readonly (string Id, string[] Languages)[] _list = Read(checkout.At("tests", "vectors", "behaviours.json"));

    private enum Outcome
    {
        Passed,
        Failed,
        Skipped,
    }

    /// <summary>Runs one suite; what it skips or fails is printed as it comes.</summary>
    public Tally Run(SuiteProgram suite)
    {
        Console.WriteLine($"-- {suite.Name}");
        using TestCluster cluster = TestCluster.Start(checkout);
        Dictionary<string, Outcome> outcomes = [];
        List<string> noise = [];
        int wrong = 0;
        int exitCode;
        try
        {
            exitCode = suite.Stream(checkout, cluster, Limit, Take, "behaviours", checkout.At("tests", "vectors"));
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"   {exception.Message}");
            exitCode = -1;
        }

        foreach ((string id, _) in _list.Where(entry => entry.Languages.Contains(suite.Language) && outcomes.TryAdd(entry.Id, Outcome.Failed)))
            Console.WriteLine($"   not ok {id}: the suite did not show it");

        _columns.Add((suite.Name, outcomes));
        Tally tally = new(Count(Outcome.Passed), Count(Outcome.Failed) + wrong, Count(Outcome.Skipped));
        if (exitCode != 0 && tally.Failed == 0)
        {
            Console.WriteLine($"   not ok {suite.Name}: no behaviour failed, but the suite ended with exit code {exitCode}");
            tally += Tally.OneFailed;
        }

        if (tally.Failed > 0)
            noise.ForEach(line => Console.WriteLine($"   | {line}")); // what a failing suite said besides is where its reason stands
        Console.WriteLine($"   {tally}");
        return tally;

        int Count(Outcome outcome) => outcomes.Values.Count(value => value == outcome);

        void Take(string line, bool isError)
        {
            if (isError || Parse(line) is not var (outcome, id))
            {
                noise.Add(line);
                return;
            }

            if (outcome != Outcome.Passed)
                Console.WriteLine($"   {line}");
            string? problem = !_list.Any(entry => entry.Id == id && entry.Languages.Contains(suite.Language)) ? "is not in the list"
                : outcomes.TryAdd(id, outcome) ? null : "was shown twice";
            if (problem is not null)
            {
                Console.WriteLine($"   not ok {id}: {problem}{(problem.EndsWith("list") ? $" for {suite.Language}" : "")}");
                wrong++;
            }
        }
    }

    /// <summary>Notes that the suite of a language was not run; why has been said, and counted, before.</summary>
    public void Skip(string language) => _columns.Add((language, _list
        .Where(entry => entry.Languages.Contains(language))
        .ToDictionary(entry => entry.Id, _ => Outcome.Skipped)));

    /// <summary>Prints behaviours by suites, and writes the same as Markdown to <c>artifacts/test-results/behaviours.md</c>.</summary>
    public void Report()
    {
        int width = _list.Max(entry => entry.Id.Length);
        StringBuilder markdown = new();
        markdown.Append("| behaviour |").AppendJoin("|", _columns.Select(column => $" {column.Name} ")).Append("|\n");
        markdown.Append("|---|").Append(string.Concat(_columns.Select(_ => "---|"))).Append('\n');
        Console.WriteLine($"{"",4}{"behaviour".PadRight(width)}  {string.Join("  ", _columns.Select(column => column.Name.PadRight(6)))}".TrimEnd());
        foreach ((string id, _) in _list)
        {
            string[] cells = [.. _columns.Select(column => column.Outcomes.TryGetValue(id, out Outcome outcome) ? Text(outcome) : "-")];
            string row = string.Join("  ", cells.Select((cell, i) => cell.PadRight(Math.Max(6, _columns[i].Name.Length))));
            Console.WriteLine($"{"",4}{id.PadRight(width)}  {row}".TrimEnd());
            markdown.Append($"| `{id}` |").AppendJoin("|", cells.Select(cell => $" {cell} ")).Append("|\n");
        }

        Directory.CreateDirectory(checkout.TestResults);
        File.WriteAllText(Path.Combine(checkout.TestResults, "behaviours.md"), markdown.ToString());
    }

    private static string Text(Outcome outcome) => outcome switch
    {
        Outcome.Passed => "ok",
        Outcome.Failed => "FAILED",
        _ => "skip",
    };

    // "ok ID", "not ok ID: what was seen", "skip ID: why"; anything else is null.
    private static (Outcome Outcome, string Id)? Parse(string line)
    {
        foreach ((string prefix, Outcome outcome) in new[] { ("ok ", Outcome.Passed), ("not ok ", Outcome.Failed), ("skip ", Outcome.Skipped) })
        {
            if (!line.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            string rest = line[prefix.Length..].TrimEnd();
            int colon = rest.IndexOf(':');
            return (outcome, outcome == Outcome.Passed || colon < 0 ? rest : rest[..colon]);
        }

        return null;
    }

    private static (string Id, string[] Languages)[] Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return
        [
            .. document.RootElement.GetProperty("behaviours").EnumerateArray().Select(behaviour => (
                behaviour.GetProperty("id").GetString()!,
                behaviour.GetProperty("languages").EnumerateArray().Select(language => language.GetString()!).ToArray())),
        ];
    }
}
