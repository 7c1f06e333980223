using System.Globalization;

namespace Megatorrent.Cli.Values;

/// <summary>Spans of time as people write them: <c>500ms</c>, <c>90s</c>, <c>5m</c>, <c>1h30m</c>, <c>7d</c>. A unit is required.</summary>
internal static class Duration
{
    /// <summary>What an error message adds.</summary>
    public const string Hint = "a time is a number with a unit, such as 500ms, 90s, 5m, 1h30m or 7d";

    // Ten years: longer than any lifetime or period that makes sense, far from where timers and dates overflow.
    private const double LongestSeconds = 10 * 366 * 86400.0;

    /// <summary>Reads a span; false when the text is anything else or longer than ten years.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = default;
        text = text.Trim();
        double seconds = 0;
        if (text.IsEmpty)
            return false;
        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExcept("0123456789.");
            if (digits <= 0
                || !double.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
                return false;
            text = text[digits..];
            int letters = text.IndexOfAny("0123456789.");
            ReadOnlySpan<char> unit = letters < 0 ? text : text[..letters];
            text = text[unit.Length..];
            double scale = unit switch { "ms" => 0.001, "s" => 1, "m" or "min" => 60, "h" => 3600, "d" => 86400, "w" => 7 * 86400, _ => 0 };
            if (scale == 0)
                return false;
            seconds += number * scale;
        }
        if (seconds > LongestSeconds)
            return false;
        time = TimeSpan.FromMilliseconds(Math.Round(seconds * 1000));
        return true;
    }

    /// <summary>The shortest spelling that <see cref="TryParse"/> reads back: <c>500ms</c>, <c>90s</c>, <c>2m</c>, <c>1h30m</c>.</summary>
    public static string Format(TimeSpan time)
    {
        if (time == TimeSpan.Zero)
            return "0s";
        string text = "";
        Add(time.Days, "d");
        Add(time.Hours, "h");
        Add(time.Minutes, "m");
        Add(time.Seconds, "s");
        Add(time.Milliseconds, "ms");
        return text;

        void Add(int count, string unit)
        {
            if (count > 0)
                text += string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
        }
    }
}
