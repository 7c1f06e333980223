using System.Text.RegularExpressions;

namespace Megatorrent.Tidy.Tests;

/// <summary>Who may call whom: arrows go down only.</summary>
public sealed partial class HouseTests
{
    /// <summary>The houses from the bottom to the top; a house may see every house of a lower storey, and none of its own.</summary>
    private static readonly Dictionary<string, int> Storeys = new()
    {
        ["Core"] = 0,
        ["Network"] = 1,
        ["Storage"] = 1,
        ["Cluster"] = 2,
        ["Swarm"] = 2,
        ["Streaming"] = 2,
        ["Ledger"] = 2,
        ["Tracker"] = 2,
        ["Client"] = 3,
        ["Native"] = 4,
        ["Server"] = 4,
        ["Cli"] = 5,
    };

    /// <summary>The houses that may see ASP.NET.</summary>
    private static readonly string[] SeeAspNet = ["Server", "Cli"];

    public static TheoryData<string> Projects => [.. Repository.Files("src", "*.csproj")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void AHouseSeesOnlyWhatIsBelowIt(string project)
    {
        int storey = Storey(project);
        foreach (string reference in Repository.Items(project, "ProjectReference"))
        {
            Assert.False(House(reference) == "Native", $"{project}: nothing may call Native; it is for other languages.");
            Assert.True(Storey(reference) < storey, $"{project} must not see {House(reference)}: arrows go down only.");
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void OnlyTheServerAndTheCommandLineSeeAspNet(string project)
    {
        if (SeeAspNet.Contains(House(project)))
            return;
        Assert.DoesNotContain("Microsoft.AspNetCore.App", Repository.Items(project, "FrameworkReference"));
        Assert.DoesNotContain(Repository.Items(project, "PackageReference"), package => package.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain("Microsoft.NET.Sdk.Web", Repository.Items(project, "Project", "Sdk"));
    }

    [Fact]
    public void EveryHouseHasASource() => Violations.MustBeNone(
        Repository.Files("src", "*.csproj").Where(project => Repository.Files(Path.GetDirectoryName(project)!, "*.cs").Count == 0),
        "A house comes with its first file, never as an empty shell:");

    [Fact]
    public void TheNamespaceIsTheFolder() => Violations.MustBeNone(
        Repository.Sources.SelectMany(source =>
        {
            string expected = Path.GetDirectoryName(source.Path)!.Replace('\\', '/')["src/".Length..].Replace('/', '.');
            return source.Code.SelectMany((line, i) => NamespacePattern().Match(line) is { Success: true } match && match.Groups[1].Value != expected
                ? new[] { $"{source.Path}:{i + 1}: {match.Groups[1].Value} instead of {expected}" }
                : []);
        }),
        "Folder = namespace:");

    [Fact]
    public void EveryProjectIsInTheSolution()
    {
        string solution = File.ReadAllText(Repository.At("Megatorrent.Native.sln")).Replace('\\', '/');
        Violations.MustBeNone(
            new[] { "src", "tests", "build", "bench" }.SelectMany(folder => Repository.Files(folder, "*.csproj")).Where(project => !solution.Contains(project)),
            "Not in Megatorrent.Native.sln:");
    }

    private static string House(string project) => Path.GetFileNameWithoutExtension(project.Replace('\\', '/')).Replace("Megatorrent.", "");

    private static int Storey(string project) =>
        Storeys.TryGetValue(House(project), out int storey) ? storey : throw new InvalidOperationException($"{project} is a house without a storey.");

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)")]
    private static partial Regex NamespacePattern();
}
