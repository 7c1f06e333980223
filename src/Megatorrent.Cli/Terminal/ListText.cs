using System.Globalization;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Terminal;

/// <summary>Entries of a directory in the manner of <c>ls -l</c>.</summary>
internal static class ListText
{
    private const long NanosecondsPerTick = 100;

    /// <summary><c>-rw-r--r--</c>: kind and permission bits.</summary>
    public static string Mode(EntryKind kind, int mode)
    {
        Span<char> text = stackalloc char[10];
        text[0] = kind switch { EntryKind.Directory => 'd', EntryKind.SymbolicLink => 'l', _ => '-' };
        for (int bit = 0; bit < 9; bit++)
            text[1 + bit] = (mode >> (8 - bit) & 1) != 0 ? "rwx"[bit % 3] : '-';
        Special(text, 3, mode, 0x800, 's', 'S');
        Special(text, 6, mode, 0x400, 's', 'S');
        Special(text, 9, mode, 0x200, 't', 'T');
        return text.ToString();
    }

    /// <summary>A time to the minute, in the given zone.</summary>
    public static string Time(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A manifest's time; those that no calendar here can show become the nearest that it can.</summary>
    public static DateTimeOffset FromUnixNs(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>One line: mode, size as wide as <paramref name="sizeWidth"/>, time, path, and where a link points.</summary>
    public static string Line(DirectoryEntry entry, int sizeWidth, TimeZoneInfo zone)
    {
        string size = entry.Length.ToString(CultureInfo.InvariantCulture).PadLeft(sizeWidth);
        string target = entry.Kind == EntryKind.SymbolicLink ? $" -> {Printable.Text(entry.Target)}" : "";
        return $"{Mode(entry.Kind, entry.Mode)} {size} {Time(FromUnixNs(entry.ModifiedUnixNs), zone)} {Printable.Text(entry.Path)}{target}";
    }

    private static void Special(Span<char> text, int index, int mode, int flag, char executable, char plain)
    {
        if ((mode & flag) != 0)
            text[index] = text[index] == 'x' ? executable : plain;
    }
}
