using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Megatorrent.Build.Suites;

namespace Megatorrent.Build.Packages;

/// <summary>
/// What is native as <c>.tar.gz</c> and <c>.deb</c>: the program, both builds of the library, headers for C and C++, and what CMake and
/// pkg-config need to find them. The install rules of <c>native/CMakeLists.txt</c> lay both out; only the prefix differs.
/// </summary>
internal sealed class NativePackages(Checkout checkout, DateTimeOffset date)
{
    private const UnixFileMode PlainMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode ExecutableMode =
        PlainMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>.NET loads it when it first needs it, so the linker does not know of it.</summary>
    public const string CipherLibrary = "libssl3 | libssl3t64";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Why they cannot be made on this machine, or null.</summary>
    public static string? Missing =>
        Checkout.RuntimeIdentifier != "linux-x64" ? "they are made on linux-x64 only"
        : Array.Find(["cmake", "dpkg-deb", "dpkg-shlibdeps"], name => Shell.Which(name) is null) is { } program ? $"there is no {program}"
        : null;

    private string Work => Path.Combine(checkout.Artifacts, "publish", "packages");

    private string Name => $"megatorrent-{checkout.Version}-{Checkout.RuntimeIdentifier}";

    private string Archive => Path.Combine(checkout.Packages, Name + ".tar.gz");

    private string Deb => Path.Combine(checkout.Packages, $"megatorrent_{checkout.Version}_amd64.deb");

    /// <summary>Makes both packages.</summary>
    /// <returns>Their paths.</returns>
    public IReadOnlyList<string> Make()
    {
        if (Directory.Exists(Work))
            Directory.Delete(Work, recursive: true);
        MakeArchive(Install("archive", Path.Combine(Work, "archive", Name), "lib"));
        MakeDeb(Install("deb", Path.Combine(Work, "deb", "root", "usr"), "lib/x86_64-linux-gnu"));
        return [Archive, Deb];
    }

    /// <summary>Runs the install rules, and adds the documents of the checkout.</summary>
    /// <returns>The prefix.</returns>
    private string Install(string name, string prefix, string libraries)
    {
        string build = Path.Combine(Work, name, "cmake");
        Shell.Succeed(
            "cmake",
            ["-S", checkout.At("native"), "-B", build, $"-DCMAKE_INSTALL_LIBDIR={libraries}", $"-DMEGATORRENT_ARTIFACTS={checkout.Artifacts}"],
            checkout.Root,
            Limit);
        Shell.Succeed("cmake", ["--install", build, "--prefix", prefix], checkout.Root, Limit);
        string documents = Documents(prefix);
        Directory.CreateDirectory(documents);
        foreach (string path in new[] { "README.md", "CHANGELOG.md", "LICENSE" }.Select(file => checkout.At(file)))
            File.Copy(path, Path.Combine(documents, Path.GetFileName(path)));
        return prefix;
    }

    private static string Documents(string prefix) => Path.Combine(prefix, "share", "doc", "megatorrent");

    /// <summary>Gives everything the time of the commit, and the mode that it has on every machine, whatever the umask here.</summary>
    private void Settle(string root)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
        {
            bool executable = Directory.Exists(path) || Path.GetFileName(Path.GetDirectoryName(path)) == "bin";
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, executable ? ExecutableMode : PlainMode);
            File.SetLastWriteTimeUtc(path, date.UtcDateTime);
        }
    }

    private void MakeArchive(string root)
    {
        Settle(root);
        string parent = Path.GetDirectoryName(root)!;
        using FileStream file = File.Create(Archive);
        using GZipStream zip = new(file, CompressionLevel.SmallestSize);
        using TarWriter tar = new(zip, TarEntryFormat.Ustar);
        foreach (string path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Append(root).Order(StringComparer.Ordinal))
        {
            bool folder = Directory.Exists(path);
            string name = Path.GetRelativePath(parent, path);
            UstarTarEntry entry = new(folder ? TarEntryType.Directory : TarEntryType.RegularFile, folder ? name + "/" : name)
            {
                ModificationTime = date,
                Mode = OperatingSystem.IsWindows() || folder ? ExecutableMode : File.GetUnixFileMode(path),
                UserName = "root",
                GroupName = "root",
            };
            using FileStream? content = folder ? null : File.OpenRead(path);
            if (content is not null)
                entry.DataStream = content;
            tar.WriteEntry(entry);
        }
    }

    private void MakeDeb(string prefix)
    {
        string documents = Documents(prefix);
        // Debian wants the licences under this name.
        File.WriteAllText(
            Path.Combine(documents, "copyright"), File.ReadAllText(checkout.At("LICENSE")) + "\n" + File.ReadAllText(checkout.ThirdPartyNotices));
        File.Delete(Path.Combine(documents, "LICENSE"));
        File.Delete(Path.Combine(documents, Path.GetFileName(checkout.ThirdPartyNotices)));

        string root = Path.GetDirectoryName(prefix)!;
        string[] files = [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        string control = Directory.CreateDirectory(Path.Combine(root, "DEBIAN")).FullName;
        File.WriteAllText(Path.Combine(control, "control"), $"""
            Package: megatorrent
            Version: {checkout.Version}
            Section: net
            Priority: optional
            Architecture: amd64
            Installed-Size: {files.Sum(path => (new FileInfo(path).Length + 1023) / 1024)}
            Depends: {SharedLibraries(root)}, {CipherLibrary}
            Maintainer: The Megatorrent authors
            Description: encrypted, erasure-coded storage over several computers
             The program megatorrent, which stores files on nodes so that some of those may
             lie, die or lose their disks, and the library libmegatorrent with its headers
             for C and C++, a CMake package and a pkg-config file.
            """ + "\n");
        // The library has no maintainer script of its own: the loader's cache is brought up to date by the trigger of libc-bin.
        File.WriteAllText(Path.Combine(control, "triggers"), "activate-noawait ldconfig\n");
        File.WriteAllText(
            Path.Combine(control, "md5sums"),
            string.Concat(files.Select(path => $"{Convert.ToHexStringLower(MD5.HashData(File.ReadAllBytes(path)))}  {Path.GetRelativePath(root, path)}\n")));
        Settle(root);
        Shell.Succeed("dpkg-deb", ["--root-owner-group", "-Zxz", "--build", root, Deb], checkout.Root, Limit);
    }

    /// <summary>What the program and the libraries are linked to, as packages with the least version that has their symbols.</summary>
    private string SharedLibraries(string root)
    {
        // dpkg-shlibdeps wants to be in a source package.
        string debian = Directory.CreateDirectory(Path.Combine(Work, "deb", "debian")).FullName;
        File.WriteAllText(Path.Combine(debian, "control"), "Source: megatorrent\n\nPackage: megatorrent\nArchitecture: any\n");
        string[] linked =
        [
            .. Directory.GetFiles(root, "*", SearchOption.AllDirectories)
                .Where(path => Path.GetFileName(path) is "megatorrent" or "libmegatorrent.so").Order(StringComparer.Ordinal),
        ];
        string output = Shell.Succeed("dpkg-shlibdeps", ["-O", .. linked], Path.GetDirectoryName(debian)!, Limit);
        const string Field = "shlibs:Depends=";
        return output.StartsWith(Field, StringComparison.Ordinal)
            ? output[Field.Length..]
            : throw new BuildException($"dpkg-shlibdeps said '{output}'.");
    }

    /// <summary>
    /// Unpacks both into empty folders, and there runs the program, and builds and runs the shortest C and C++ programs once with CMake and
    /// once with pkg-config.
    /// </summary>
    public Tally Check(TestCluster cluster)
    {
        string archive = Directory.CreateDirectory(Path.Combine(cluster.Folder, "archive")).FullName;
        string deb = Directory.CreateDirectory(Path.Combine(cluster.Folder, "deb")).FullName;
        Shell.Succeed("tar", ["--extract", "--file", Archive, "--directory", archive], checkout.Root, Limit);
        Shell.Succeed("dpkg-deb", ["--extract", Deb, deb], checkout.Root, Limit);
        return new PackageUse(checkout, cluster, Path.GetFileName(Archive), Path.Combine(archive, Name), "lib").Check()
            + new PackageUse(checkout, cluster, Path.GetFileName(Deb), Path.Combine(deb, "usr"), "lib/x86_64-linux-gnu").Check();
    }
}
