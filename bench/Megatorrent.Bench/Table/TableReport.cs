using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Megatorrent.Bench.Table;

/// <summary>The table as people read it and as programs do.</summary>
internal sealed class TableReport(string title)
{
    private readonly List<(Section Section, Row Row)> _rows = [];

    public int Count => _rows.Count;

    /// <summary>How many rows miss what was wanted.</summary>
    public int Missed => _rows.Count(static entry => entry.Row.Reached == false);

    public void Add(Section section, Row row) => _rows.Add((section, row));

    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine(title);
        foreach (var section in _rows.GroupBy(static entry => entry.Section.Name))
        {
            text.AppendLine();
            text.AppendLine(CultureInfo.InvariantCulture, $"**{section.Key}**: {section.First().Section.Summary}");
            text.AppendLine();
            text.AppendLine("| what | ours | peer | theirs | ratio | wanted | note |");
            text.AppendLine("|---|---|---|---|---|---|---|");
            foreach (var (_, row) in section)
                text.AppendLine(Line(row));
        }

        return text.ToString();
    }

    public string Json() => JsonSerializer.Serialize(
        new
        {
            Title = title,
            Rows = _rows.Select(static entry => new
            {
                Section = entry.Section.Name,
                entry.Row.What,
                entry.Row.Unit,
                entry.Row.Ours,
                entry.Row.Peer,
                entry.Row.Theirs,
                entry.Row.Ratio,
                entry.Row.Wanted,
                entry.Row.Reached,
                entry.Row.Note,
            }),
        },
        new JsonSerializerOptions(JsonSerializerOptions.Web) { WriteIndented = true });

    private static string Line(Row row)
    {
        string sign = row.SmallerIsBetter && row.Theirs is null ? "≤" : "≥";
        string wanted = row.Wanted is { } value ? $"{sign} {Text(value)}{(row.Theirs is null ? "" : " ×")}" : "";
        string verdict = row.Reached == false ? " **missed**" : "";
        return $"| {row.What} | {Text(row.Ours)} {row.Unit} | {row.Peer} | {(row.Theirs is { } theirs ? $"{Text(theirs)} {row.Unit}" : "")} "
            + $"| {(row.Ratio is { } ratio ? Text(ratio) : "")} | {wanted}{verdict} | {row.Note} |";
    }

    // Three digits that mean something.
    private static string Text(double value) => value.ToString(
        Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
