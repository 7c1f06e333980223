using System.Runtime.InteropServices;
using System.Xml.Linq;

namespace Megatorrent.Build;

/// <summary>Where things are in this checkout.</summary>
internal sealed class Checkout
{
    /// <summary>The file that marks the root.</summary>
    public const string SolutionName = "Megatorrent.Native.sln";

    private Checkout(string root) => Root = root;

    /// <summary>The root folder.</summary>
    public string Root { get; }

    /// <summary>The solution.</summary>
    public string Solution => Path.Combine(Root, SolutionName);

    /// <summary>Everything that is made for use outside the build; ignored by git.</summary>
    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>The published command.</summary>
    public string Binary => Path.Combine(Artifacts, "bin", OperatingSystem.IsWindows() ? "megatorrent.exe" : "megatorrent");

    /// <summary>The folder of the published libraries.</summary>
    public string LibraryFolder => Path.Combine(Artifacts, "lib");

    /// <summary>The file name of the shared library on this platform.</summary>
    public static string LibraryName =>
        OperatingSystem.IsWindows() ? "megatorrent.dll" : OperatingSystem.IsMacOS() ? "libmegatorrent.dylib" : "libmegatorrent.so";

    /// <summary>The portable library.</summary>
    public string Library => Path.Combine(LibraryFolder, LibraryName);

    /// <summary>The folder below <see cref="LibraryFolder"/> where the dynamic loader of glibc looks first on an AVX-512 processor.</summary>
    public string Avx512LibraryFolder => Path.Combine(LibraryFolder, "glibc-hwcaps", "x86-64-v4");

    /// <summary>The folder of the published header.</summary>
    public string IncludeFolder => Path.Combine(Artifacts, "include");

    /// <summary>The folder of what tests leave behind for a reader.</summary>
    public string TestResults => Path.Combine(Artifacts, "test-results");

    /// <summary>The folder of the packages.</summary>
    public string Packages => Path.Combine(Artifacts, "packages");

    /// <summary>The version of the product.</summary>
    public string Version => (string?)XDocument.Load(At("Directory.Build.props")).Descendants("Version").FirstOrDefault()
        ?? throw new BuildException("Directory.Build.props has no Version.");

    /// <summary>Where tests that run as programs of their own find the checkout and what was published.</summary>
    public (string Name, string Value)[] Variables =>
        [("MEGATORRENT_ROOT", Root), ("MEGATORRENT_BIN", Binary), ("MEGATORRENT_LIB", Library)];

    /// <summary>The licences of what is linked into the program and the library.</summary>
    public string ThirdPartyNotices => Path.Combine(Artifacts, "THIRD-PARTY-NOTICES.txt");

    /// <summary>The runtime identifier of this machine, for example <c>linux-x64</c>.</summary>
    public static string RuntimeIdentifier => RuntimeInformation.RuntimeIdentifier;

    /// <summary>Joins <paramref name="parts"/> to the root.</summary>
    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Walks up from the tool's own folder to the solution.</summary>
    /// <exception cref="BuildException">There is no solution above it.</exception>
    public static Checkout Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, SolutionName)))
                return new Checkout(folder.FullName);
        }

        throw new BuildException($"no {SolutionName} above {AppContext.BaseDirectory}.");
    }
}
