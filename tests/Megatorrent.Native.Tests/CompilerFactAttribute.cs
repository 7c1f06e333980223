namespace Megatorrent.Native.Tests;

/// <summary>A test that compiles C; skipped where there is no compiler that understands the arguments of gcc.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CompilerFactAttribute : FactAttribute
{
    /// <summary>Decides whether the test can run.</summary>
    public CompilerFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Compiler.Length == 0)
            Skip = "There is no gcc, cc or clang in the PATH.";
    }

    /// <summary>The path of the compiler, or an empty text.</summary>
    public static string Compiler { get; } = Find();

    private static string Find()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        string[] folders = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] names = ["gcc", "cc", "clang"];
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists) ?? "";
    }
}
