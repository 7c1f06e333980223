using System.Globalization;
using System.Text.RegularExpressions;

namespace Megatorrent.Core.Tests.Vectors;

/// <summary>Finds the names of statuses in texts.</summary>
internal static partial class StatusName
{
    /// <summary>What the C header defines, in its order.</summary>
    public static IEnumerable<(string Name, int Value)> DefinedIn(string header) => Definition().Matches(header)
        .Select(match => (match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));

    /// <summary>What a vector file names: statuses stand alone in quotes, or inside a sentence. MT_ERROR_UNKNOWN is the name of none.</summary>
    public static IEnumerable<string> NamedIn(string text) =>
        Use().Matches(text).Select(match => match.Value).Where(name => name != "MT_ERROR_UNKNOWN");

    [GeneratedRegex(@"^#define (MT_OK|MT_ERROR_[A-Z_]+) \(?(-?\d+)\)?", RegexOptions.Multiline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"\bMT_(OK|ERROR_[A-Z_]+)\b")]
    private static partial Regex Use();
}
