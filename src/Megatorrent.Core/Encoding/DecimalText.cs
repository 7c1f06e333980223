using System.Globalization;

namespace Megatorrent.Core.Encoding;

/// <summary>Whole numbers in texts from outside.</summary>
public static class DecimalText
{
    /// <summary>
    /// Reads decimal digits and nothing else; .NET's parsers overlook zero characters at the end, whatever the style. False if there are
    /// none, there is something else, or the number is above <see cref="long.MaxValue"/>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return !text.ContainsAnyExceptInRange('0', '9') && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
