namespace Megatorrent.Native.Tests;

/// <summary>
/// A test of the published library, whose path the build tool passes in <c>MEGATORRENT_LIB</c>; skipped when the tests run
/// without it, and where exports cannot be listed with <c>nm</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PublishedLibraryFactAttribute : FactAttribute
{
    /// <summary>Decides whether the test can run.</summary>
    public PublishedLibraryFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Path))
            Skip = "MEGATORRENT_LIB names no published library; `build.sh test` passes it.";
    }

    /// <summary>The path of the portable library, or null.</summary>
    public static string? Path => Environment.GetEnvironmentVariable("MEGATORRENT_LIB");
}
