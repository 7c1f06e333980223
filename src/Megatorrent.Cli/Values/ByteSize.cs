using System.Globalization;

namespace Megatorrent.Cli.Values;

/// <summary>
/// Sizes as people write them. <c>100GB</c> is decimal (10^9), <c>100GiB</c> and <c>100G</c> are binary (2^30), a bare number is bytes;
/// case does not matter and a decimal point is allowed (<c>1.5TB</c>).
/// </summary>
internal static class ByteSize
{
    private const string Prefixes = "KMGTPE";

    /// <summary>What an error message adds.</summary>
    public const string Hint = "a size is a number with a unit, such as 500MB (decimal), 64MiB (binary) or 1.5TB";

    /// <summary>Reads a size; false when the text is anything else, is negative, or is beyond 2^63−1 bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        int digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.'))
            digits++;
        if (digits == 0 || !TryUnit(text[digits..].Trim(), out decimal unit))
            return false;
        if (!decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            return false;
        if (number > long.MaxValue / unit)
            return false;
        bytes = (long)(number * unit);
        return true;
    }

    /// <summary>Reads a rate: a size with or without <c>/s</c> behind it; <c>0</c> and <c>unlimited</c> mean no limit and give 0.</summary>
    public static bool TryParseRate(ReadOnlySpan<char> text, out long bytesPerSecond)
    {
        text = text.Trim();
        if (text.Equals("unlimited", StringComparison.OrdinalIgnoreCase))
        {
            bytesPerSecond = 0;
            return true;
        }
        if (text.EndsWith("/s", StringComparison.OrdinalIgnoreCase))
            text = text[..^2];
        return TryParse(text, out bytesPerSecond);
    }

    private static bool TryUnit(ReadOnlySpan<char> text, out decimal unit)
    {
        unit = 1;
        if (text.IsEmpty || text.Equals("B", StringComparison.OrdinalIgnoreCase))
            return true;
        int power = Prefixes.IndexOf(char.ToUpperInvariant(text[0])) + 1;
        if (power == 0)
            return false;
        ReadOnlySpan<char> rest = text[1..];
        bool isDecimal = rest.Equals("B", StringComparison.OrdinalIgnoreCase);
        if (!isDecimal && !rest.IsEmpty && !rest.Equals("i", StringComparison.OrdinalIgnoreCase)
            && !rest.Equals("iB", StringComparison.OrdinalIgnoreCase))
            return false;
        for (int i = 0; i < power; i++)
            unit *= isDecimal ? 1000 : 1024;
        return true;
    }
}
