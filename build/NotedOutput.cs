using System.Text;

namespace Megatorrent.Build;

/// <summary>
/// Standard output, with the lines kept that say that something failed: of a run of twenty minutes they are repeated at its end, where they
/// are seen.
/// </summary>
internal sealed class NotedOutput : TextWriter
{
    private const int LinesMax = 100;
    private const int LineMax = 400;

    private static readonly string[] Marks = ["not ok", "FAILED seed", "[X]"]; // TAP and our programs, the simulator, JUnit

    private readonly TextWriter _output = Console.Out;
    private readonly StringBuilder _line = new();
    private readonly List<string> _noted = [];

    private NotedOutput()
    {
    }

    /// <inheritdoc/>
    public override Encoding Encoding => _output.Encoding;

    /// <summary>Puts itself before standard output.</summary>
    public static NotedOutput Begin()
    {
        var output = new NotedOutput();
        Console.SetOut(output);
        return output;
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write($"{value}{NewLine}".AsSpan());

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        _output.Write(buffer);
        for (int end; (end = buffer.IndexOf('\n')) >= 0; buffer = buffer[(end + 1)..])
        {
            Note($"{_line}{buffer[..end]}".Trim().TrimStart('|', ' '));
            _line.Clear();
        }

        _line.Append(buffer);
    }

    /// <inheritdoc/>
    public override void Flush() => _output.Flush();

    /// <summary>Repeats what was kept.</summary>
    public void Report()
    {
        if (_noted.Count == 0)
            return;
        _output.WriteLine();
        _output.WriteLine(_noted.Count < LinesMax ? "What failed:" : $"What failed, the first {LinesMax}:");
        foreach (string line in _noted)
            _output.WriteLine($"    {line}");
    }

    private void Note(string line)
    {
        if (_noted.Count < LinesMax && Array.Exists(Marks, mark => line.StartsWith(mark, StringComparison.Ordinal)))
            _noted.Add(line.Length <= LineMax ? line : $"{line[..LineMax]}...");
    }
}
