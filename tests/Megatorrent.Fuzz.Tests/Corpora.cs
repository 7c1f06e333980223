namespace Megatorrent.Fuzz.Tests;

/// <summary>Where the corpora are in the checkout that the tests were built from.</summary>
internal static class Corpora
{
    /// <summary>The folder with a folder for each target.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Megatorrent.Native.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("There is no checkout above the tests."), "fuzz", "corpus");
    }
}
