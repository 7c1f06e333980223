using Megatorrent.Core.Encoding;

namespace Megatorrent.Cli.Values;

/// <summary>
/// A range of bytes as HTTP writes it, both ends included: <c>0-99</c> is the first hundred bytes, <c>100-</c> all but those,
/// <c>-100</c> the last hundred.
/// </summary>
/// <param name="First">The first byte, or null where only a count of last bytes is given.</param>
/// <param name="Last">The last byte, included, or null for the end; with no <paramref name="First"/>, how many bytes from the end.</param>
internal readonly record struct ByteRange(long? First, long? Last)
{
    /// <summary>What an error message adds.</summary>
    public const string Hint = "a range is FIRST-LAST in bytes, both included (0-99), FIRST- (to the end) or -COUNT (the last bytes)";

    /// <summary>Whether the length of the file must be known to say where the range begins.</summary>
    public bool NeedsLength => First is null;

    /// <summary>Reads a range; false when the text is anything else or ends before it begins.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ByteRange range)
    {
        range = default;
        int dash = text.IndexOf('-');
        if (dash < 0 || !TryNumber(text[..dash], out long? first) || !TryNumber(text[(dash + 1)..], out long? last))
            return false;
        if (first is null && last is null || first > last)
            return false;
        range = new ByteRange(first, last);
        return true;
    }

    /// <summary>Where the range begins and how many bytes it has, null for "to the end".</summary>
    /// <param name="fileLength">The file's length in bytes; used only where <see cref="NeedsLength"/>.</param>
    public (long Offset, long? Length) Resolve(long fileLength)
    {
        if (First is not { } first)
        {
            long count = Math.Min(Last!.Value, fileLength);
            return (fileLength - count, count);
        }
        return (first, Last is { } last ? last == long.MaxValue ? null : last - first + 1 : null);
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long? number)
    {
        number = null;
        if (text.IsEmpty)
            return true;
        if (!DecimalText.TryParse(text, out long value))
            return false;
        number = value;
        return true;
    }
}
