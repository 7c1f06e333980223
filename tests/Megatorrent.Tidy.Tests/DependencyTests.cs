using System.Text.Json;

namespace Megatorrent.Tidy.Tests;

/// <summary>
/// The packages that the projects were restored with are those of <c>build/packages.lock</c>, to the byte, also those that others bring along.
/// </summary>
public sealed class DependencyTests
{
    private const string Lock = "build/packages.lock";

    /// <summary>These come in the version of the SDK, which the machine brings.</summary>
    private static readonly string[] OfTheSdk = ["Microsoft.NET.ILLink.Tasks", "Microsoft.DotNet.ILCompiler", "runtime."];

    private static readonly string[] Houses = ["src", "tests", "bench", "fuzz", "build"];

    [Fact]
    public void EveryPackageIsTheOneThatIsLocked()
    {
        HashSet<string> locked = [.. File.ReadLines(Repository.At(Lock)).Where(static line => line.Length > 0 && line[0] != '#')];
        string[] restored = [.. Restored().Distinct().Order(StringComparer.Ordinal)];
        Assert.NotEmpty(restored);
        Violations.MustBeNone(
            restored.Where(package => !locked.Contains(package)), $"Look at what has changed, and at where it is from; then put these into {Lock}:");
    }

    [Fact]
    public void TheLockNamesEachPackageOnce()
    {
        string[] names = [.. File.ReadLines(Repository.At(Lock)).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split(' ')[0])];
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
    }

    // "name version hash", as NuGet wrote them down when it restored.
    private static IEnumerable<string> Restored()
    {
        IEnumerable<string> files = Houses.SelectMany(house => Directory.EnumerateFiles(Repository.At(house), "project.assets.json", SearchOption.AllDirectories));
        foreach (string path in files)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (JsonProperty library in document.RootElement.GetProperty("libraries").EnumerateObject())
            {
                if (library.Value.GetProperty("type").GetString() == "package" && !OfTheSdk.Any(name => library.Name.StartsWith(name, StringComparison.Ordinal)))
                    yield return $"{library.Name.Replace('/', ' ')} {library.Value.GetProperty("sha512").GetString()}";
            }
        }
    }
}
