using System.Xml.Linq;

namespace Megatorrent.Tidy.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file of <c>src</c>.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = ReadAll("src");

    /// <summary>Every C# file of <c>tests</c>.</summary>
    public static IReadOnlyList<SourceFile> Tests { get; } = ReadAll("tests");

    /// <summary>Every C# file of the build tool.</summary>
    public static IReadOnlyList<SourceFile> Build { get; } = ReadAll("build");

    /// <summary>Every C# file of what fuzzes.</summary>
    public static IReadOnlyList<SourceFile> Fuzz { get; } = ReadAll("fuzz");

    /// <summary>Every C# file.</summary>
    public static IEnumerable<SourceFile> All => Sources.Concat(Tests).Concat(Build).Concat(Fuzz);

    /// <summary>The full path of a path below the root.</summary>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>Files below a folder, without what the build made, as paths below the root with forward slashes, in order.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern)
    {
        if (!Directory.Exists(At(folder)))
            return [];
        return
        [
            .. Directory.EnumerateFiles(At(folder), pattern, SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or ".git" or "TestResults"))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What stands in the <paramref name="attribute"/> of every <paramref name="element"/> of a project file.</summary>
    public static IEnumerable<string> Items(string project, string element, string attribute = "Include") =>
        XDocument.Load(At(project)).Descendants(element).Select(item => (string?)item.Attribute(attribute)).OfType<string>();

    private static IReadOnlyList<SourceFile> ReadAll(string folder) => [.. Files(folder, "*.cs").Select(SourceFile.Read)];

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Megatorrent.Native.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("There is no Megatorrent.Native.sln above the tests.");
    }
}
