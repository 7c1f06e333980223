using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Megatorrent.Build.Packages;

namespace Megatorrent.Build.Bindings;

/// <summary>
/// The jar of <c>bindings/java</c>, made as its <c>pom.xml</c> makes it, but without Maven, which needs a registry. Below
/// <c>artifacts/bindings/java</c> lie <c>native/</c> and <c>classes/</c> (what the jar holds), <c>tests/</c>, <c>suite/</c>, and
/// <c>cache/</c>, where the jar unpacks its library while it is tested.
/// </summary>
internal sealed partial class JavaBinding(Checkout checkout) : IBinding
{
    /// <summary>Where Debian has the jars of its packages.</summary>
    private const string Jars = "/usr/share/java";

    private static readonly TimeSpan CompileLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TestLimit = TimeSpan.FromMinutes(15);

    /// <summary>What tests are compiled against.</summary>
    private static readonly string[] JUnit =
        ["junit-jupiter-api.jar", "junit-jupiter-params.jar", "junit-platform-commons.jar", "opentest4j.jar", "apiguardian-api.jar"];

    /// <summary>What runs them.</summary>
    private static readonly string[] JUnitLauncher =
        ["junit-jupiter-engine.jar", "junit-platform-console.jar", "junit-platform-engine.jar", "junit-platform-launcher.jar",
            "junit-platform-reporting.jar", "opentest4j-reporting-events.jar", "opentest4j-reporting-schema.jar", "picocli.jar",
            "univocity-parsers.jar"];

    /// <summary>
    /// Every misuse of JNI is told. That the library's runtime has put its signal handlers in front of those of the JVM is meant; and what
    /// the JVM has to say does not belong between the lines of a program.
    /// </summary>
    private static readonly string[] Checked = ["-Xcheck:jni", "-XX:+AllowUserSignalHandlers", "-XX:+DisplayVMOutputToStderr"];

    /// <inheritdoc/>
    public string Language => "Java";

    /// <inheritdoc/>
    public string? Missing
    {
        get
        {
            if (Checkout.RuntimeIdentifier != "linux-x64")
                return $"its native part is compiled on linux-x64 only, not on {Checkout.RuntimeIdentifier}";
            string? program = Array.Find(["javac", "jar", "java", "gcc", "sh"], name => Shell.Which(name) is null);
            if (program is not null)
                return $"there is no {program}";
            if (!File.Exists(Path.Combine(JavaHome, "include", "jni.h")))
                return $"there is no jni.h in {JavaHome}";
            string? jar = Array.Find([.. JUnit, .. JUnitLauncher, "gson.jar"], name => !File.Exists(Path.Combine(Jars, name)));
            return jar is null ? null : $"there is no {jar} in {Jars}";
        }
    }

    /// <inheritdoc/>
    /// <remarks>The heap has one size from the beginning, so that resident memory which grows is not Java's.</remarks>
    public (string Program, string[] Arguments, (string Name, string Value)[] Environment) Suite => Start(Checked);

    /// <inheritdoc/>
    public (string Program, string[] Arguments, (string Name, string Value)[] Environment) Measured => Start([]);

    private (string Program, string[] Arguments, (string Name, string Value)[] Environment) Start(string[] options) =>
        ("java",
            [.. options, "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=1g", "-cp",
                ClassPath(JarPath, SuiteClasses, Debian("gson.jar")), "org.megatorrent.suite.Suite"],
            [Cache]);

    private static string JavaHome
    {
        get
        {
            string javac = Shell.Which("javac")!;
            string target = File.ResolveLinkTarget(javac, returnFinalTarget: true)?.FullName ?? javac;
            return Path.GetDirectoryName(Path.GetDirectoryName(target))!;
        }
    }

    private string Sources => checkout.At("bindings", "java");

    private string Folder => Path.Combine(checkout.Artifacts, "bindings", "java");

    private string NativeFolder => Path.Combine(Folder, "native");

    private string Classes => Path.Combine(Folder, "classes");

    private string TestClasses => Path.Combine(Folder, "tests");

    private string SuiteClasses => Path.Combine(Folder, "suite");

    private string JarPath => Path.Combine(checkout.Packages, $"megatorrent-{checkout.Version}.jar");

    private (string Name, string Value) Cache => ("XDG_CACHE_HOME", Path.Combine(Folder, "cache"));

    /// <inheritdoc/>
    public void Build()
    {
        CheckVersion();
        string stamp = Path.Combine(Folder, "sources");
        string fingerprint = Fingerprint();
        if (File.Exists(stamp) && File.ReadAllText(stamp) == fingerprint && File.Exists(JarPath))
            return;

        Directory.CreateDirectory(Folder);
        File.Delete(stamp);
        Run("sh",
            [Path.Combine(Sources, "src", "build", "native.sh"), checkout.LibraryFolder, checkout.IncludeFolder, JavaHome, NativeFolder],
            "the JNI glue cannot be compiled");
        // Documentation is checked where somebody reads it: on what is public or protected.
        Compile("main", Classes, ["-Xdoclint:all/protected"]);
        MakeJar();
        Compile("suite", SuiteClasses, ["-cp", ClassPath(JarPath, Debian("gson.jar"))]);
        Compile("test", TestClasses, ["-cp", ClassPath([JarPath, .. JUnit.Select(Debian)])]);
        File.WriteAllText(stamp, fingerprint);
    }

    /// <inheritdoc/>
    public Tally Test() => RunTests() + RunProgramOfReadme();

    /// <inheritdoc/>
    public IReadOnlyList<string> Package()
    {
        if (!File.Exists(JarPath))
            MakeJar();
        return [JarPath];
    }

    private static string Debian(string jar) => Path.Combine(Jars, jar);

    private static string ClassPath(params string[] paths) => string.Join(Path.PathSeparator, paths);

    private void Run(string program, IEnumerable<string> args, string failure)
    {
        if (Shell.Run(program, args, checkout.Root, CompileLimit) != 0)
            throw new BuildException($"Java: {failure}.");
    }

    private void CheckVersion()
    {
        string? version = XDocument.Load(Path.Combine(Sources, "pom.xml")).Root?
            .Elements().FirstOrDefault(element => element.Name.LocalName == "version")?.Value;
        if (version != checkout.Version)
            throw new BuildException(
                $"bindings/java/pom.xml has the version {version}, Directory.Build.props has {checkout.Version}: make them equal.");
    }

    private void Compile(string part, string output, string[] options)
    {
        Recreate(output);
        string[] sources = [.. Directory.GetFiles(Path.Combine(Sources, "src", part, "java"), "*.java", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)];
        Run("javac", ["--release", "17", "-encoding", "UTF-8", "-Xlint:all", "-Werror", .. options, "-d", output, .. sources],
            $"src/{part} cannot be compiled");
    }

    /// <summary>Packs what was compiled: entries in order, with the time of the commit.</summary>
    private void MakeJar()
    {
        string notices = Path.Combine(Folder, "notices");
        Recreate(Path.Combine(notices, "META-INF"));
        File.Copy(checkout.At("LICENSE"), Path.Combine(notices, "META-INF", "LICENSE"));
        File.Copy(checkout.ThirdPartyNotices, Path.Combine(notices, "META-INF", Path.GetFileName(checkout.ThirdPartyNotices)));

        string manifest = Path.Combine(Folder, "manifest");
        File.WriteAllText(
            manifest,
            $"Automatic-Module-Name: org.megatorrent\nImplementation-Title: megatorrent\nImplementation-Version: {checkout.Version}\n");

        StringBuilder entries = new();
        foreach (string folder in new[] { notices, Classes, NativeFolder })
        {
            foreach (string path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
                entries.Append($"-C {Quoted(folder)} {Quoted(Path.GetRelativePath(folder, path))}\n");
        }

        string list = Path.Combine(Folder, "entries");
        File.WriteAllText(list, entries.ToString());
        Directory.CreateDirectory(checkout.Packages);
        string date = SourceDate.Set(checkout).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        Run("jar", ["--create", "--file", JarPath, "--manifest", manifest, "--date", date, "@" + list], "the jar cannot be made");

        static string Quoted(string path) => $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal)}\"";
    }

    private static void Recreate(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    /// <summary>Runs the tests with the console launcher of JUnit, which sums them up line by line: <c>[ 12 tests failed ]</c>.</summary>
    private Tally RunTests()
    {
        string classPath = ClassPath([JarPath, TestClasses, .. JUnit.Concat(JUnitLauncher).Select(Debian)]);
        (int exitCode, string output) = Shell.Capture(
            "java",
            [.. Checked, $"-Dmegatorrent.header={Path.Combine(checkout.IncludeFolder, "megatorrent.h")}",
                $"-Dmegatorrent.version={checkout.Version}", "-cp", classPath, "org.junit.platform.console.ConsoleLauncher",
                "--disable-banner", "--disable-ansi-colors", "--details=tree", "--scan-classpath", TestClasses],
            checkout.Root, TestLimit, Cache);
        int passed = Count("successful"), failed = Count("failed");
        Tally tally = new(passed, failed, Count("found") - passed - failed);
        if (output.Contains("in native method", StringComparison.Ordinal) || output.Contains("WARNING: JNI", StringComparison.Ordinal))
        {
            Console.WriteLine("not ok Java: the JVM has seen JNI misused");
            tally += Tally.OneFailed;
        }

        if (exitCode == 0 && passed > 0 && tally.Failed == 0)
        {
            Console.WriteLine($"   {tally}");
            return tally;
        }

        Console.Write(output);
        Console.WriteLine($"Java: the tests ended with exit code {exitCode} after {tally}.");
        return tally.Failed > 0 ? tally : tally + Tally.OneFailed;

        int Count(string name)
        {
            Match match = Regex.Match(output, $@"^\[ *(\d+) tests {name} *\]", RegexOptions.Multiline);
            return match.Success ? int.Parse(match.Groups[1].Value) : 0;
        }
    }

    /// <summary>Runs the first program of the README in a folder with nothing but that program and the jar.</summary>
    private Tally RunProgramOfReadme()
    {
        const string Name = "the program of the README puts and gets with the jar alone";
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MEGATORRENT_CLUSTER")))
        {
            Console.WriteLine($"skip Java: {Name}: MEGATORRENT_CLUSTER is not set");
            return new Tally(0, 0, 1);
        }

        string folder = Path.Combine(Folder, "readme");
        Recreate(folder);
        File.Copy(JarPath, Path.Combine(folder, Path.GetFileName(JarPath)));
        string program = FirstProgram().Match(File.ReadAllText(Path.Combine(Sources, "README.md"))).Groups[1].Value;
        File.WriteAllText(Path.Combine(folder, "Example.java"), program);
        (int exitCode, string output) = Shell.Capture(
            "java", ["-cp", Path.GetFileName(JarPath), "Example.java"], folder, TestLimit, Cache);
        bool passed = exitCode == 0 && Regex.IsMatch(output, @"^mt1:\S+\r?\nhello\r?\n$");
        Console.WriteLine($"{(passed ? "ok" : "not ok")} Java: {Name}");
        if (!passed)
            Console.Write(output);
        return passed ? new Tally(1, 0, 0) : Tally.OneFailed;
    }

    /// <summary>Everything that is compiled or packed.</summary>
    private string Fingerprint()
    {
        IEnumerable<string> files = new[] { Path.Combine(Sources, "src"), checkout.LibraryFolder, checkout.IncludeFolder }
            .SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            .Append(checkout.At("LICENSE")).Append(checkout.ThirdPartyNotices);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(checkout.Root, path) + "\0"));
            using FileStream file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    [GeneratedRegex(@"^```java\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FirstProgram();
}
