using System.Text;

namespace Megatorrent.Cli.Terminal;

/// <summary>Names and messages from elsewhere, made safe to show: a file name must not be able to drive the terminal.</summary>
internal static class Printable
{
    /// <summary>The text with control characters written as <c>\xNN</c> or <c>\uNNNN</c>.</summary>
    public static string Text(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001F') && !text.AsSpan().ContainsAnyInRange('\u007F', '\u009F')
            && !text.Any(IsBidirectional))
            return text;
        StringBuilder safe = new(text.Length + 16);
        foreach (char c in text)
        {
            if (c <= '\u001F' || c is >= '\u007F' and <= '\u009F')
                safe.Append("\\x").Append(((int)c).ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            else if (IsBidirectional(c))
                safe.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
            else
                safe.Append(c);
        }
        return safe.ToString();
    }

    /// <summary>The text on one line: line breaks become spaces, other control characters as in <see cref="Text"/>.</summary>
    public static string Line(string text) => Text(text.ReplaceLineEndings(" "));

    // Overrides and isolates can show a name in another order than it has.
    private static bool IsBidirectional(char c) => c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069';
}
