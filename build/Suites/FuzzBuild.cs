namespace Megatorrent.Build.Suites;

/// <summary>
/// Makes the program that fuzzes: compiles the houses, rewrites copies of them so that they count edges, compiles the targets with those
/// into a native library, and links libFuzzer's driver to it. See docs/guide/fuzzing.md.
/// </summary>
internal sealed class FuzzBuild(Checkout checkout, Steps steps)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);
    private static readonly string[] Houses = ["Core", "Network", "Storage", "Cluster", "Client"];

    /// <summary>The target that is not one of <c>fuzz/targets</c>: the C interface, called from C.</summary>
    public const string Abi = "abi";

    /// <summary>Everything that fuzzing makes.</summary>
    public string Folder => Path.Combine(checkout.Artifacts, "fuzz");

    /// <summary>The program: libFuzzer with the targets in it.</summary>
    public string Driver => Path.Combine(Folder, "bin", "megatorrent-fuzz");

    /// <summary>The program for <see cref="Abi"/>: libFuzzer, linked to the library as it is published.</summary>
    public string AbiDriver => Path.Combine(Folder, "bin", "megatorrent-fuzz-abi");

    private string Instrumented => Path.Combine(Folder, "instrumented");

    /// <summary>What <see cref="Abi"/> is made of.</summary>
    public static string[] AbiSources(Checkout checkout) =>
        [.. Directory.GetFiles(checkout.At("fuzz", "native"), "abi*.c").Order(StringComparer.Ordinal)];

    /// <summary>Makes the program, as far as it is not there.</summary>
    public void Run()
    {
        string framework = new NativePublish(checkout).Framework;
        steps.Run("instrumenter", () => Compile(Project("Megatorrent.Fuzz.Instrument"), "net10.0"));
        steps.Run("what is fuzzed", () =>
        {
            Compile(checkout.At("src", "Megatorrent.Client"), framework);
            Compile(Project("Megatorrent.Fuzz.Runtime"), framework);
            Compile(Project("Megatorrent.Fuzz.Planted"), framework);
        });
        steps.Run("instrument", () => Instrument(framework));
        steps.Run("publish the targets", () => Publish(framework));
        steps.Run("link libFuzzer", Link);
    }

    /// <summary>Makes the program for <see cref="Abi"/>, as far as it is not there.</summary>
    public void RunAbi()
    {
        var publish = new NativePublish(checkout);
        steps.Run("publish the library", publish.Library);
        steps.Run("the C interface with libFuzzer", () =>
        {
            if (IsNewer(AbiDriver, [.. AbiSources(checkout), checkout.Library]))
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(AbiDriver)!);
            Shell.Succeed(
                Clang,
                ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined",
                    "-I" + checkout.IncludeFolder, .. AbiSources(checkout), "-o", AbiDriver, "-L" + checkout.LibraryFolder, "-lmegatorrent",
                    "-Wl,-rpath," + checkout.LibraryFolder],
                checkout.Root,
                Limit);
        });
    }

    private static string Clang => Shell.Which("clang-14") ?? "clang";

    private string Project(string name) => checkout.At("fuzz", name);

    private static string Output(string project, string framework) =>
        Path.Combine(project, "bin", BuildTool.Configuration, framework, Path.GetFileName(project) + ".dll");

    private void Compile(string project, string framework) => Shell.Succeed(
        "dotnet",
        ["build", project, "--configuration", BuildTool.Configuration, "--framework", framework, "--verbosity", "quiet", "-maxCpuCount:1",
            "-nodeReuse:false", "-consoleLoggerParameters:ErrorsOnly", $"-property:AotFramework={framework}",
            "-property:IncludeSourceRevisionInInformationalVersion=false"], // else every commit would be another program
        checkout.Root,
        Limit);

    private string Instrument(string framework)
    {
        string[] assemblies =
        [
            Output(Project("Megatorrent.Fuzz.Runtime"), framework),
            Output(Project("Megatorrent.Fuzz.Planted"), framework),
            .. Houses.Select(house => Output(checkout.At("src", $"Megatorrent.{house}"), framework)),
        ];
        string program = Output(Project("Megatorrent.Fuzz.Instrument"), "net10.0");
        if (assemblies.All(assembly => IsNewer(Path.Combine(Instrumented, Path.GetFileName(assembly)), assembly, program)))
            return "up to date"; // and the compiler need not begin again
        string output = Shell.Succeed("dotnet", [program, Instrumented, .. assemblies], checkout.Root, Limit);
        Console.WriteLine(output);
        return "";
    }

    private void Publish(string framework) => Shell.Succeed(
        "dotnet",
        ["publish", Project("Megatorrent.Fuzz"), "--configuration", BuildTool.Configuration, "--output", Path.Combine(Folder, "bin"),
            "--verbosity", "quiet", "-maxCpuCount:1", "-nodeReuse:false", "-consoleLoggerParameters:ErrorsOnly",
            $"-property:AotFramework={framework}", $"-property:InstrumentedFolder={Instrumented}/"],
        checkout.Root,
        Limit);

    private void Link()
    {
        string library = Path.Combine(Folder, "bin", "Megatorrent.Fuzz.so");
        string source = checkout.At("fuzz", "native", "driver.c");
        if (IsNewer(Driver, library, source))
            return;
        // The driver is not instrumented itself: its own edges would be counted beside those that matter.
        string unit = Path.Combine(Folder, "driver.o");
        Shell.Succeed(Clang, ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-c", source, "-o", unit], checkout.Root, Limit);
        Shell.Succeed(
            Clang,
            ["-fsanitize=fuzzer", unit, "-o", Driver, "-L" + Path.GetDirectoryName(library), "-l:" + Path.GetFileName(library),
                "-Wl,-rpath,$ORIGIN"],
            checkout.Root,
            Limit);
    }

    private static bool IsNewer(string output, params string[] inputs) =>
        File.Exists(output) && inputs.All(input => File.GetLastWriteTimeUtc(input) <= File.GetLastWriteTimeUtc(output));
}
