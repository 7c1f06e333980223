using System.Globalization;

namespace Megatorrent.Cli.Terminal;

/// <summary>Numbers for people: sizes in IEC units, rates in MB/s, times in seconds or minutes. One spelling everywhere.</summary>
internal static class Human
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size: <c>0 B</c>, <c>1023 B</c>, <c>1.0 KiB</c>, <c>256.0 MiB</c>.</summary>
    public static string Size(long bytes)
    {
        if (bytes is > -1024 and < 1024)
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1023.95 && unit < Units.Length - 1) // 1023.95 would be shown as 1024.0
        {
            value /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{value:F1} {Units[unit]}");
    }

    /// <summary>
    /// A rate in decimal megabytes a second: <c>134 MB/s</c>, below ten with one digit: <c>3.2 MB/s</c>. Unknown: <c>-</c>.
    /// </summary>
    public static string Rate(long bytes, TimeSpan elapsed) =>
        elapsed <= TimeSpan.Zero ? "-" : Rate(bytes / elapsed.TotalSeconds);

    /// <summary>A rate given in bytes a second.</summary>
    public static string Rate(double bytesPerSecond)
    {
        double megabytes = bytesPerSecond / 1e6;
        return megabytes.ToString(megabytes < 9.95 ? "F1" : "F0", CultureInfo.InvariantCulture) + " MB/s";
    }

    /// <summary>A time that has passed: <c>1.9 s</c>, <c>2 min 05 s</c>, <c>3 h 12 min</c>, <c>4 d 03 h</c>.</summary>
    public static string Elapsed(TimeSpan time)
    {
        double seconds = Math.Max(0, time.TotalSeconds);
        if (seconds < 59.95)
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s");
        TimeSpan whole = TimeSpan.FromSeconds(Math.Round(seconds));
        if (whole.TotalHours < 1)
            return string.Create(CultureInfo.InvariantCulture, $"{whole.Minutes} min {whole.Seconds:00} s");
        return whole.TotalDays < 1
            ? string.Create(CultureInfo.InvariantCulture, $"{whole.Hours} h {whole.Minutes:00} min")
            : string.Create(CultureInfo.InvariantCulture, $"{(long)whole.TotalDays} d {whole.Hours:00} h");
    }

    /// <summary>A time left, as a clock: <c>0:07</c>, <c>12:30</c>, <c>1:02:03</c>.</summary>
    public static string Clock(TimeSpan time)
    {
        long seconds = (long)Math.Ceiling(Math.Max(0, time.TotalSeconds));
        long hours = seconds / 3600;
        return hours > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{hours}:{seconds / 60 % 60:00}:{seconds % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}");
    }

    /// <summary>A count with its noun: <c>1 stripe</c>, <c>64 stripes</c>.</summary>
    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
