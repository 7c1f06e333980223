using System.Globalization;
using System.Text.RegularExpressions;

namespace Megatorrent.Native.Tests;

/// <summary>What <c>native/include/megatorrent.h</c> says, and the other places that must agree with it.</summary>
internal static partial class Header
{
    /// <summary>The root of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The header without comments.</summary>
    public static string Code { get; } = Comment().Replace(File.ReadAllText(Path.Combine(Root, "native", "include", "megatorrent.h")), " ");

    /// <summary>Every function that it declares.</summary>
    public static IReadOnlyList<string> Functions { get; } =
        [.. Function().Matches(Code).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];

    /// <summary>Every macro that is an integer.</summary>
    public static IReadOnlyDictionary<string, int> Integers { get; } = IntegerMacro().Matches(Code).ToDictionary(
        match => match.Groups[1].Value, match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));

    /// <summary>Every macro that is a text.</summary>
    public static IReadOnlyDictionary<string, string> Texts { get; } =
        TextMacro().Matches(Code).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Megatorrent.Native.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("There is no Megatorrent.Native.sln above the tests.");
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^MT_API\s[^;]*?\b(mt_\w+)\s*\(", RegexOptions.Multiline)]
    private static partial Regex Function();

    [GeneratedRegex(@"^#define\s+(\w+)[ \t]+\(?(-?\d+)u?\)?[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex IntegerMacro();

    [GeneratedRegex("^#define\\s+(\\w+)[ \\t]+\"([^\"]*)\"", RegexOptions.Multiline)]
    private static partial Regex TextMacro();
}
