using System.Text;

namespace Megatorrent.Cli.Terminal;

/// <summary>Columns of plain text, as wide as their widest cell; the last one is cut at the terminal's edge.</summary>
internal sealed class TextTable
{
    private readonly string[] _headings;
    private readonly bool[] _right;
    private readonly List<string[]> _rows = [];

    /// <summary>Starts a table. A heading that begins with <c>&gt;</c> makes its column right-aligned.</summary>
    public TextTable(params string[] headings)
    {
        _right = [.. headings.Select(heading => heading.StartsWith('>'))];
        _headings = [.. headings.Select(heading => heading.TrimStart('>'))];
    }

    /// <summary>Adds a row; missing cells are empty.</summary>
    public void Add(params string[] cells)
    {
        string[] row = new string[_headings.Length];
        for (int i = 0; i < row.Length; i++)
            row[i] = i < cells.Length ? Printable.Text(cells[i]) : "";
        _rows.Add(row);
    }

    /// <summary>Writes headings and rows, no line wider than <paramref name="width"/> columns.</summary>
    public void Write(TextWriter output, int width)
    {
        int[] widths =
            [.. _headings.Select((heading, i) => Math.Max(heading.Length, _rows.Select(row => row[i].Length).DefaultIfEmpty().Max()))];
        WriteRow(output, _headings, widths, width);
        foreach (string[] row in _rows)
            WriteRow(output, row, widths, width);
    }

    private void WriteRow(TextWriter output, string[] cells, int[] widths, int width)
    {
        StringBuilder line = new();
        for (int i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                line.Append("  ");
            line.Append(_right[i] ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i]));
        }
        string text = line.ToString().TrimEnd();
        output.WriteLine(text.Length > width ? text[..Math.Max(1, width)] : text);
    }
}
