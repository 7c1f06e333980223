using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Megatorrent.Tidy.Tests;

/// <summary>How the code reads.</summary>
public sealed partial class SourceTests
{
    private const int LinesMax = 500;
    private const int ColumnsMax = 180; // .editorconfig asks for 140; past this nobody can read it

    /// <summary>Files longer than <see cref="LinesMax"/> lines, and why each is.</summary>
    private static readonly Dictionary<string, string> LongFiles = new()
    {
    };

    /// <summary>Compiler warnings that a project file may turn off, and why.</summary>
    private static readonly Dictionary<string, string> WarningsOff = new()
    {
        ["tests/Directory.Build.props"] = "$(NoWarn);CS1591", // tests are no interface: their names say what they show
    };

    [Fact]
    public void NoWarningIsSuppressedInCode() => Violations.MustBeNone(
        Repository.All.SelectMany(source => source.Find(Suppression())), "Correct what the warning is about:");

    [Fact]
    public void NoWarningIsSuppressedInAProject()
    {
        IEnumerable<string> projects = new[] { "*.csproj", "*.props", "*.targets" }.SelectMany(pattern => Repository.Files(".", pattern));
        Violations.MustBeNone(
            projects.SelectMany(project => XDocument.Load(Repository.At(project)).Descendants("NoWarn").Select(element => (project, element.Value)))
                .Where(found => !WarningsOff.TryGetValue(found.project.Replace("./", ""), out string? allowed) || allowed != found.Value)
                .Select(found => $"{found.project}: {found.Value}"),
            "Correct what the warning is about:");
    }

    [Fact]
    public void NothingIsLeftForLater() => Violations.MustBeNone(
        Repository.All.Where(source => !IsThisFile(source)).SelectMany(source => source.Lines.Select((line, i) => (line, i))
            .Where(found => Unfinished().IsMatch(found.line))
            .Select(found => $"{source.Path}:{found.i + 1}: {found.line.Trim()}")),
        "Finish it, or open an issue:");

    [Fact]
    public void NoDocumentationTagIsEmpty() => Violations.MustBeNone(
        Repository.All.Where(source => !IsThisFile(source)).SelectMany(source => source.Lines.Select((line, i) => (line, i))
            .Where(found => EmptyTag().IsMatch(found.line))
            .Select(found => $"{source.Path}:{found.i + 1}: {found.line.Trim()}")),
        "Say something or leave the tag out:");

    [Fact]
    public void NoLineIsTooLong() => Violations.MustBeNone(
        Repository.Sources.SelectMany(source => source.Lines.Select((line, i) => (line, i))
            .Where(found => found.line.Length > ColumnsMax)
            .Select(found => $"{source.Path}:{found.i + 1}: {found.line.Length} columns")),
        $"At most {ColumnsMax} columns:");

    [Fact]
    public void NoFileIsTooLong() => Violations.MustBeNone(
        Repository.All.Where(source => source.Lines.Length > LinesMax && !LongFiles.ContainsKey(source.Path))
            .Select(source => $"{source.Path}: {source.Lines.Length} lines"),
        $"Past {LinesMax} lines a file wants a reason:");

    [Fact]
    public void TheListOfLongFilesIsTrue() => Violations.MustBeNone(
        LongFiles.Keys.Where(path => !Repository.All.Any(source => source.Path == path && source.Lines.Length > LinesMax)),
        "Not there, or not long any more:");

    [Fact]
    public void OnePublicTypeAFile() => Violations.MustBeNone(
        Repository.Sources.Where(source => source.Code.Count(line => PublicType().IsMatch(line)) > 1).Select(source => source.Path),
        "One public type a file:");

    [Theory]
    [InlineData("#pragma warning disable CS0168")]
    [InlineData("[SuppressMessage(\"Style\", \"IDE0001\")]")]
    [InlineData("  [assembly: UnconditionalSuppressMessage(\"a\", \"b\")]")]
    public void SuppressionsAreSeen(string code) => Assert.NotEmpty(SourceFile.Of("sample.cs", code).Find(Suppression()));

    [Theory]
    [InlineData("/// <param name=\"data\"></param>", true)]
    [InlineData("/// <summary> </summary>", true)]
    [InlineData("/// <returns/>", true)]
    [InlineData("/// <inheritdoc/>", false)]
    [InlineData("/// <exception cref=\"ArgumentException\">It is empty.</exception>", false)]
    [InlineData("/// <param name=\"data\">Bytes.</param>", false)]
    public void EmptyTagsAreSeen(string line, bool empty) => Assert.Equal(empty, EmptyTag().IsMatch(line));

    private static bool IsThisFile(SourceFile source) => source.Path == "tests/Megatorrent.Tidy.Tests/SourceTests.cs";

    [GeneratedRegex(@"#pragma\s+warning\s+disable|\bSuppressMessage\s*\(|\bUnconditionalSuppressMessage\s*\(")]
    private static partial Regex Suppression();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|\bNotImplementedException\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"///\s*<(\w+)(\s[^>]*)?>\s*</\1>|///\s*<(summary|param|returns|exception|remarks|typeparam|value)(\s[^>]*)?/>")]
    private static partial Regex EmptyTag();

    [GeneratedRegex(@"^public\s+((static|sealed|abstract|readonly|ref|unsafe|partial)\s+)*(class|struct|interface|enum|record|delegate)\b")]
    private static partial Regex PublicType();
}
