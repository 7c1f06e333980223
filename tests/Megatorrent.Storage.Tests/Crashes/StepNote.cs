using System.Globalization;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>A step of a workload begins, or has been acknowledged.</summary>
internal readonly record struct StepNote(int Number, bool IsDescriptor, bool IsPut, bool IsEnd)
{
    /// <summary>A note from a line that <see cref="ToString"/> made.</summary>
    public static StepNote Parse(string line) => new(
        int.Parse(line.AsSpan(3), CultureInfo.InvariantCulture), line[1] == 'd', line[2] == '+', line[0] == '=');

    /// <summary>As a line: "?b+17" for the beginning of a put of blob 17, "=d-3" for the acknowledged deletion of descriptor 3.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(IsEnd ? '=' : '?')}{(IsDescriptor ? 'd' : 'b')}{(IsPut ? '+' : '-')}{Number}");
}
