using System.Globalization;

namespace Megatorrent.Bench.Nodes;

/// <summary>What of a process is in memory.</summary>
internal static class Resident
{
    /// <summary>Bytes resident in memory, the pages of files among them: <c>VmRSS</c> of <c>/proc/PID/status</c>.</summary>
    public static long BytesOf(int process)
    {
        const string name = "VmRSS:";
        string line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
            .First(static line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(name.Length, line.Length - name.Length - "kB".Length), CultureInfo.InvariantCulture);
    }
}
