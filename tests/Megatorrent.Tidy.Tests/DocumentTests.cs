using System.Text.RegularExpressions;

namespace Megatorrent.Tidy.Tests;

/// <summary>What the documents say of the checkout is true.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Specifications => [.. Repository.Files("docs/spec", "*.md")];

    [Theory]
    [MemberData(nameof(Specifications))]
    public void ASpecificationNamesTheSourcesItMustStayInSyncWith(string path) =>
        Assert.NotEmpty(SourcePath().Matches(File.ReadAllText(Repository.At(path))));

    [Fact]
    public void EverySourceThatADocumentNamesIsThere() => Violations.MustBeNone(
        Repository.Files(".", "*.md").SelectMany(document => SourcePath().Matches(File.ReadAllText(Repository.At(document)))
            .Select(match => match.Value.TrimEnd('/', '.'))
            .Where(path => !Exists(path))
            .Select(path => $"{document}: {path}")),
        "Not in this checkout:");

    [Theory]
    [InlineData("see `src/Megatorrent.Core/ErrorKind.cs`.", "src/Megatorrent.Core/ErrorKind.cs")]
    [InlineData("[x](../../src/Megatorrent.Core/Hashing/)", "src/Megatorrent.Core/Hashing/")]
    public void SourcePathsAreSeen(string text, string path) => Assert.Equal(path, SourcePath().Match(text).Value);

    [Fact]
    public void EveryPromiseOfSecurityIsHeldByTestsThatAreThere()
    {
        string[] lines = File.ReadAllLines(Repository.At("docs/security.md"));
        string[] promises =
        [
            .. lines.SkipWhile(line => line != "## Promised").TakeWhile(line => line != "## Not promised").Where(line => line.StartsWith('|')).Skip(2),
        ];
        Assert.NotEmpty(promises);
        string tests = string.Concat(Repository.Files("tests", "*.cs").Select(path => File.ReadAllText(Repository.At(path))));
        Violations.MustBeNone(
            promises.SelectMany(promise =>
            {
                string[] names = [.. Quoted().Matches(promise.Split('|')[^2]).Select(match => match.Groups[1].Value)];
                return names.Length == 0 ? [$"no test: {promise}"] : names.Where(name => !tests.Contains(name, StringComparison.Ordinal));
            }),
            "Named in docs/security.md, but in no test:");
    }

    private static bool Exists(string path)
    {
        if (!path.Contains('*'))
            return File.Exists(Repository.At(path)) || Directory.Exists(Repository.At(path));
        string folder = Path.GetDirectoryName(path)!;
        return Directory.Exists(Repository.At(folder)) && Directory.EnumerateFileSystemEntries(Repository.At(folder), Path.GetFileName(path)).Any();
    }

    // A path below src/ or native/ (not fuzz/native/), with or without a file at its end; `*` may stand for the middle of a name.
    [GeneratedRegex(@"(?<![\w-]|fuzz/)(src/Megatorrent\.|native/)[\w./*-]*[\w/*]")]
    private static partial Regex SourcePath();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
