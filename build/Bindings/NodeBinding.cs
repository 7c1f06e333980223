using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Megatorrent.Build.Bindings;

/// <summary>
/// The npm package of <c>bindings/node</c>. Below <c>artifacts/bindings/node</c> lie <c>tools/</c> (what compiling and checking need, from
/// the lock file), <c>objects/</c> and <c>package/</c> (laid out by <c>scripts/build.mjs</c>), and <c>consumer/</c>: a folder that was empty
/// before the package was installed into it, which is where everything is tested.
/// </summary>
internal sealed partial class NodeBinding(Checkout checkout) : IBinding
{
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CompileLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TestLimit = TimeSpan.FromMinutes(10);

    /// <summary>npm asks its registry for nothing but the packages of the lock file, and those run no scripts.</summary>
    private static readonly string[] Quietly = ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"];

    /// <inheritdoc/>
    public string Language => "Node";

    /// <inheritdoc/>
    public string? Missing
    {
        get
        {
            if (Checkout.RuntimeIdentifier != "linux-x64")
                return $"its addon is compiled on linux-x64 only, not on {Checkout.RuntimeIdentifier}";
            string? program = Array.Find(["node", "npm", "g++"], name => Shell.Which(name) is null);
            return program is null ? null : $"there is no {program}";
        }
    }

    /// <inheritdoc/>
    public (string Program, string[] Arguments, (string Name, string Value)[] Environment) Suite =>
        ("node", ["--expose-gc", Path.Combine(Sources, "suite", "suite.js")], [InstalledPackage]);

    private string Sources => checkout.At("bindings", "node");

    private string Folder => Path.Combine(checkout.Artifacts, "bindings", "node");

    private string Tools => Path.Combine(Folder, "tools");

    private string Consumer => Path.Combine(Folder, "consumer");

    /// <summary>Where a program outside the consumer's folder finds what is installed there: <c>require</c> looks here last.</summary>
    private (string Name, string Value) InstalledPackage => ("NODE_PATH", Path.Combine(Consumer, "node_modules"));

    private string PackagePath => Path.Combine(checkout.Packages, $"megatorrent-{Version()}.tgz");

    /// <inheritdoc/>
    public void Build()
    {
        CheckVersions();
        string stamp = Path.Combine(Folder, "sources");
        string fingerprint = Fingerprint();
        if (File.Exists(stamp) && File.ReadAllText(stamp) == fingerprint && File.Exists(PackagePath) && Directory.Exists(Consumer))
            return;

        Directory.CreateDirectory(Folder);
        File.Delete(stamp);
        InstallTools();
        Run("node",
            [Path.Combine(Sources, "scripts", "build.mjs"), "--library", checkout.LibraryFolder, "--include", checkout.IncludeFolder,
                "--notices", checkout.ThirdPartyNotices, "--modules", Path.Combine(Tools, "node_modules"), "--output", Folder],
            checkout.Root, CompileLimit, "compiling the addon failed");
        Pack();

        if (Directory.Exists(Consumer))
            Directory.Delete(Consumer, recursive: true);
        Directory.CreateDirectory(Consumer);
        Run("npm", ["install", "--offline", .. Quietly, PackagePath], Consumer, InstallLimit, "the package cannot be installed");
        File.WriteAllText(stamp, fingerprint);
    }

    /// <inheritdoc/>
    public Tally Test() => RunTests() + CheckTypes() + RunProgramOfReadme();

    /// <inheritdoc/>
    public IReadOnlyList<string> Package()
    {
        if (!File.Exists(PackagePath))
            Pack();
        return [PackagePath];
    }

    private static void Run(string program, IEnumerable<string> args, string folder, TimeSpan limit, string failure)
    {
        if (Shell.Run(program, args, folder, limit) != 0)
            throw new BuildException($"Node: {failure}.");
    }

    private static Tally Check(bool passed, string name, string output)
    {
        Console.WriteLine($"{(passed ? "ok" : "not ok")} Node: {name}");
        if (!passed)
            Console.Write(output);
        return passed ? new Tally(1, 0, 0) : Tally.OneFailed;
    }

    private string Version() =>
        XDocument.Load(checkout.At("Directory.Build.props")).Descendants("Version").First().Value;

    private void CheckVersions()
    {
        string expected = Version();
        foreach (string name in new[] { "package.json", "package-lock.json" })
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Sources, name)));
            string? actual = document.RootElement.GetProperty("version").GetString();
            if (actual != expected)
                throw new BuildException(
                    $"bindings/node/{name} has the version {actual}, Directory.Build.props has {expected}: make them equal.");
        }
    }

    /// <summary>Installs what the lock file says, unless exactly that is there.</summary>
    private void InstallTools()
    {
        string stamp = Path.Combine(Tools, "installed");
        string[] files = ["package.json", "package-lock.json"];
        string contents = string.Concat(files.Select(name => File.ReadAllText(Path.Combine(Sources, name))));
        if (File.Exists(stamp) && File.ReadAllText(stamp) == contents)
            return;

        Directory.CreateDirectory(Tools);
        File.Delete(stamp);
        foreach (string name in files)
            File.Copy(Path.Combine(Sources, name), Path.Combine(Tools, name), overwrite: true);
        Run("npm", ["ci", .. Quietly], Tools, InstallLimit, "the packages of bindings/node/package-lock.json cannot be installed");
        File.WriteAllText(stamp, contents);
    }

    private void Pack()
    {
        Directory.CreateDirectory(checkout.Packages);
        (int exitCode, string output) = Shell.Capture(
            "npm", ["pack", .. Quietly, "--pack-destination", checkout.Packages, Path.Combine(Folder, "package")], Folder,
            InstallLimit);
        if (exitCode != 0 || !File.Exists(PackagePath))
            throw new BuildException($"Node: npm pack made no {Path.GetFileName(PackagePath)}:{Environment.NewLine}{output}");
    }

    /// <summary>Runs Node's own test runner over <c>test/</c> with the installed package.</summary>
    private Tally RunTests()
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(Sources, "test"), "*.test.js").Order(StringComparer.Ordinal)];
        (int exitCode, string output) = Shell.Capture(
            "node", ["--expose-gc", "--test", "--test-reporter=tap", .. files], checkout.Root, TestLimit, InstalledPackage);
        Tally tally = new(Count("pass"), Count("fail") + Count("cancelled"), Count("skipped") + Count("todo"));
        if (exitCode == 0 && tally.Passed > 0 && tally.Failed == 0)
        {
            Console.WriteLine($"   {tally}");
            return tally;
        }

        Console.Write(output);
        Console.WriteLine($"Node: the tests ended with exit code {exitCode} after {tally}.");
        return tally.Failed > 0 ? tally : tally + Tally.OneFailed;

        int Count(string name)
        {
            Match match = Regex.Match(output, $@"^# {name} (\d+)\r?$", RegexOptions.Multiline);
            return match.Success ? int.Parse(match.Groups[1].Value) : 0;
        }
    }

    /// <summary>Checks the types as a user of TypeScript sees them: from an installed package, as a CommonJS and as an ES module.</summary>
    private Tally CheckTypes()
    {
        string folder = Path.Combine(Consumer, "types");
        Directory.CreateDirectory(folder);
        foreach (string name in new[] { "types.mts", "types.cts", "tsconfig.json" })
            File.Copy(Path.Combine(Sources, "test", name), Path.Combine(folder, name), overwrite: true);
        (int exitCode, string output) = Shell.Capture(
            "node",
            [Path.Combine(Tools, "node_modules", "typescript", "bin", "tsc"), "--project", folder, "--noEmit",
                "--typeRoots", Path.Combine(Tools, "node_modules", "@types")],
            Consumer, TestLimit);
        return Check(exitCode == 0, "the types are right", output);
    }

    /// <summary>Runs the first program of the README in the folder where nothing but the package is installed.</summary>
    private Tally RunProgramOfReadme()
    {
        const string Name = "the program of the README puts and gets";
        Match program = FirstProgram().Match(File.ReadAllText(Path.Combine(Sources, "README.md")));
        if (!program.Success)
            return Check(passed: false, Name, "bindings/node/README.md has no program in JavaScript." + Environment.NewLine);
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MEGATORRENT_CLUSTER")))
        {
            Console.WriteLine($"skip Node: {Name}: MEGATORRENT_CLUSTER is not set");
            return new Tally(0, 0, 1);
        }

        string path = Path.Combine(Consumer, "readme.mjs");
        File.WriteAllText(path, program.Groups[1].Value);
        (int exitCode, string output) = Shell.Capture("node", [path], Consumer, TestLimit);
        bool passed = new[] { "mt1:", "hello" }.All(text => output.Contains(text, StringComparison.Ordinal));
        return Check(exitCode == 0 && passed, Name, output);
    }

    /// <summary>Everything that the package is made of.</summary>
    private string Fingerprint()
    {
        IEnumerable<string> sources = new[] { "lib", "scripts", "src" }
            .SelectMany(name => Directory.GetFiles(Path.Combine(Sources, name), "*", SearchOption.AllDirectories))
            .Concat(new[] { "package.json", "package-lock.json", "README.md" }.Select(name => Path.Combine(Sources, name)))
            .Append(checkout.At("LICENSE")).Append(checkout.ThirdPartyNotices);
        IEnumerable<string> published = new[] { checkout.LibraryFolder, checkout.IncludeFolder }
            .SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in sources.Concat(published).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(checkout.Root, path) + "\0"));
            using FileStream file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [GeneratedRegex(@"^```js\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FirstProgram();
}
