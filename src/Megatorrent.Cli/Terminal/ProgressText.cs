using System.Globalization;

namespace Megatorrent.Cli.Terminal;

/// <summary>One line of progress as text; it draws nothing, so that a test can read it.</summary>
internal static class ProgressText
{
    /// <summary>
    /// <c>put  128.0 MiB of 256.0 MiB  50%  134 MB/s  0:01 left</c>, with less to the right where <paramref name="width"/> is small:
    /// what falls away first is what can best be missed.
    /// </summary>
    /// <param name="phase">What is done, as the client names it.</param>
    /// <param name="done">Bytes so far.</param>
    /// <param name="total">Bytes in all; negative when not known.</param>
    /// <param name="bytesPerSecond">The present rate; zero or less when not known yet.</param>
    /// <param name="width">Columns; the text is at most one less, so that no terminal wraps.</param>
    public static string Render(string phase, long done, long total, double bytesPerSecond, int width)
    {
        List<string> parts = [Printable.Text(phase)];
        if (total >= 0)
        {
            parts.Add($"{Human.Size(done)} of {Human.Size(total)}");
            double fraction = total == 0 ? 1 : Math.Clamp((double)done / total, 0, 1);
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(fraction * 100)}%"));
        }
        else
        {
            parts.Add(Human.Size(done));
        }
        if (bytesPerSecond > 0)
        {
            parts.Add(Human.Rate(bytesPerSecond));
            if (total > done)
                parts.Add($"{Human.Clock(TimeSpan.FromSeconds(Math.Min((total - done) / bytesPerSecond, 1e8)))} left");
        }
        string line = parts[0];
        int limit = Math.Max(1, width - 1);
        foreach (string part in parts.Skip(1))
        {
            if (line.Length + 2 + part.Length > limit)
                break;
            line += "  " + part;
        }
        return line.Length > limit ? line[..limit] : line;
    }
}
