using System.Security.Cryptography;
using System.Text;
using Megatorrent.Build.Packages;

namespace Megatorrent.Build;

/// <summary>
/// Publishes the NativeAOT outputs into <c>artifacts/</c>. How they are compiled stands in <c>native/publish.props</c>; here is
/// only what goes where. An output is made again when a source, a linked library or the SDK has changed, and not otherwise.
/// </summary>
internal sealed class NativePublish(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    /// <summary>Folders and files below <c>src</c> and <c>native</c> that no output is made of.</summary>
    private static readonly string[] NotPublished = ["bin", "obj", "examples", "cmake", "pkgconfig", "CMakeLists.txt"];

    /// <summary>Whether this platform has the second build of the library: only glibc's loader on x86-64 picks by processor.</summary>
    public static bool HasAvx512Library => Checkout.RuntimeIdentifier == "linux-x64";

    /// <summary>The framework that is published for.</summary>
    public string Framework => Property("AotFramework");

    /// <summary>The library as the compiler names it, after its assembly.</summary>
    private static string LibraryOutput => "Megatorrent.Native" + Path.GetExtension(Checkout.LibraryName);

    /// <summary>Publishes the command.</summary>
    /// <returns>How it ended, for the progress line.</returns>
    public string Binary() => Publish("Megatorrent.Cli", "bin", Path.GetFileName(checkout.Binary), checkout.Binary, []);

    /// <summary>Publishes the portable library, the header and the licences of what is linked.</summary>
    /// <returns>How it ended, for the progress line.</returns>
    public string Library()
    {
        ThirdPartyNotices.Write(checkout);
        Directory.CreateDirectory(checkout.IncludeFolder);
        File.Copy(checkout.At("native", "include", "megatorrent.h"), Path.Combine(checkout.IncludeFolder, "megatorrent.h"), overwrite: true);
        return Publish("Megatorrent.Native", "lib", LibraryOutput, checkout.Library, []);
    }

    /// <summary>Publishes the library for AVX-512 processors to where the dynamic loader finds it by itself.</summary>
    /// <returns>How it ended, for the progress line.</returns>
    public string Avx512Library() => Publish(
        "Megatorrent.Native", "lib-x86-64-v4", LibraryOutput, Path.Combine(checkout.Avx512LibraryFolder, Checkout.LibraryName),
        ["-property:NativeBaseline=x86-64-v4"]);

    private string Publish(string project, string name, string output, string target, string[] properties)
    {
        string stamp = Path.Combine(checkout.Artifacts, "publish", name + ".sources");
        string fingerprint = Fingerprint();
        if (File.Exists(target) && File.Exists(stamp) && File.ReadAllText(stamp) == fingerprint)
            return "up to date";

        string folder = Path.Combine(checkout.Artifacts, "publish", name);
        string framework = Property("AotFramework");
        int exitCode = Shell.Run(
            "dotnet",
            ["publish", checkout.At("src", project), "--configuration", BuildTool.Configuration, "--framework", framework,
                "--runtime", Checkout.RuntimeIdentifier, "--output", folder, "--verbosity", "quiet", "-maxCpuCount:2", "-nodeReuse:false",
                "-consoleLoggerParameters:ErrorsOnly", $"-property:AotFramework={framework}", .. properties],
            checkout.Root,
            Limit);
        if (exitCode != 0)
            throw new BuildException($"publishing {project} failed.");

        // Replaced, not overwritten: a program that runs from the old file keeps it.
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(folder, output), target + ".new", overwrite: true);
        File.Move(target + ".new", target, overwrite: true);
        File.WriteAllText(stamp, fingerprint);
        return $"{new FileInfo(target).Length / 1e6:0.0} MB";
    }

    /// <summary>The framework that is published for: the environment's, as MSBuild would take it too, else the checkout's default.</summary>
    private string Property(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        if (!string.IsNullOrEmpty(value))
            return value;

        (int exitCode, string output) = Shell.Capture(
            "dotnet", ["msbuild", checkout.At("src", "Megatorrent.Native"), $"-getProperty:{name}"], checkout.Root, Limit);
        return exitCode == 0 ? output.Trim() : throw new BuildException($"the property {name} cannot be read:{Environment.NewLine}{output}");
    }

    private string Fingerprint()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in Sources().Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(checkout.Root, path) + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }

        string tools = Environment.Version + "\n" + Environment.GetEnvironmentVariable("AotFramework") + "\n" + DebianPackages.Describe(checkout);
        hash.AppendData(Encoding.UTF8.GetBytes(tools));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private IEnumerable<string> Sources()
    {
        IEnumerable<string> root = Directory.GetFiles(checkout.Root, "Directory.*").Append(checkout.At("global.json"));
        IEnumerable<string> houses = new[] { "src", "native" }.SelectMany(
            house => Directory.EnumerateFiles(checkout.At(house), "*", SearchOption.AllDirectories));
        return root.Concat(houses.Where(path =>
            !Path.GetRelativePath(checkout.Root, path).Split(Path.DirectorySeparatorChar).Any(NotPublished.Contains)
            && Path.GetExtension(path) != ".md"));
    }
}
