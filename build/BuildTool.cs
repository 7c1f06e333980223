using Megatorrent.Build.Bindings;
using Megatorrent.Build.Packages;
using Megatorrent.Build.Suites;
using static Megatorrent.Build.DebianPackages;

namespace Megatorrent.Build;

/// <summary>What the verbs do, except publishing and testing, which have their own classes.</summary>
internal sealed class BuildTool(Checkout checkout)
{
    /// <summary>Everything is compiled once, optimised: the same output is tested and published.</summary>
    public const string Configuration = "Release";

    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(20);
    private readonly Steps _steps = new();

    /// <summary>Compiles the solution.</summary>
    public int Build()
    {
        Ensure(Need.Publish);
        _steps.Run("build", Compile);
        return 0;
    }

    /// <summary>Publishes the binary and runs the demonstration with it.</summary>
    public int Run(string[] args)
    {
        Ensure(Need.Publish);
        _steps.Run("publish the binary", () => new NativePublish(checkout).Binary());
        Console.WriteLine($"==> megatorrent demo {string.Join(' ', args)}");
        return Shell.RunInteractively(checkout.Binary, ["demo", .. args]);
    }

    /// <summary>Publishes everything native.</summary>
    public int Native()
    {
        Ensure(Need.Publish);
        Publish();
        return 0;
    }

    /// <summary>Builds, publishes and tests; the last line printed is the total, alone.</summary>
    public int Test(string[] args)
    {
        bool withFormat = args is ["--with-format"];
        if (args.Length > 0 && !withFormat)
            throw new BuildException($"takes --with-format and nothing else, not '{string.Join(' ', args)}'.", ExitCode.Usage);

        NotedOutput output = NotedOutput.Begin();
        Tally total = default;
        try
        {
            Ensure(Need.Publish | Need.Bindings | Need.Test | Need.Stories | Need.Bench);
            _steps.Run("build", Compile);
            Publish();
            if (withFormat)
                _steps.Run("format", () => Add(CheckWhitespace() == 0 ? new Tally(1, 0, 0) : Tally.OneFailed));

            TestRun tests = new(checkout);
            string[] projects = tests.Projects();
            foreach (string project in projects.Where(project => !TestRun.NeedsBinary(project)))
                _steps.Run(Path.GetFileName(project), () => Add(tests.Run(project)));
            _steps.Run("native examples", () => Add(new NativeExamples(checkout).Run()));
            foreach (string project in projects.Where(TestRun.NeedsBinary))
                _steps.Run(Path.GetFileName(project), () => Add(tests.Run(project)));
            _steps.Run("stories", () => Add(new StoryRun(checkout, _steps).Quick()));
            _steps.Run("peers of the benchmarks", () => new PeerPrograms(checkout).Build());
            _steps.Run("benchmarks, checked", () => Add(new BenchRun(checkout).Check()));
            _steps.Run("simulation", () => Add(new SimulatorRun(checkout, _steps).Slice()));
            BindingTests bindings = new(checkout, _steps, Add);
            bindings.Run();
            new PackageRun(checkout, _steps).Run(bindings.Built, Add);
        }
        catch (Exception exception) when (exception is BuildException or IOException or UnauthorizedAccessException)
        {
            Console.WriteLine($"not ok: {exception.Message}");
            total += Tally.OneFailed; // a step that breaks off is a failure, and hides the tests behind it
        }

        _steps.Report();
        output.Report();
        Console.WriteLine();
        Console.WriteLine(total);
        return total.Failed == 0 ? 0 : ExitCode.Failed;

        string Add(Tally tally)
        {
            total += tally;
            return tally.ToString();
        }
    }

    /// <summary>Runs the soak of the bindings that have a runtime which could leak, or of one that is named.</summary>
    public int Soak(string[] args)
    {
        string? language = null;
        int seconds = 600;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool understood = args[i] switch
            {
                "--language" => (language = value).Length > 0,
                "--seconds" => int.TryParse(value, out seconds) && seconds is > 0 and <= 86_400,
                _ => false,
            };
            if (!understood)
                throw new BuildException($"takes --language L and --seconds N (1 to 86400), not '{string.Join(' ', args)}'.", ExitCode.Usage);
        }

        IBinding[] all = AllBindings.Of(checkout);
        IBinding[] bindings = language is null ? [.. all.Where(BindingTests.IsSoaked)] : [AllBindings.Find(all, language)];
        Ensure(Need.Publish | Need.Bindings);
        Publish();
        BuildBindings(bindings);
        Tally total = default;
        foreach (IBinding binding in bindings)
        {
            _steps.Run($"soak of {binding.Language}", () => (total += new SoakRun(checkout).Run(SuiteProgram.Of(binding), seconds)).ToString());
        }

        Console.WriteLine(total);
        return total.Failed == 0 ? 0 : ExitCode.Failed;
    }

    /// <summary>Makes every package, and uses each.</summary>
    public int Package()
    {
        Ensure(Need.Publish | Need.Bindings);
        _steps.Run("build", Compile);
        Publish();
        IBinding[] bindings = AllBindings.Of(checkout);
        BuildBindings(bindings);
        Tally total = default;
        new PackageRun(checkout, _steps).Run(bindings, tally => (total += tally).ToString());
        _steps.Report();
        Console.WriteLine();
        Console.WriteLine(total);
        return total.Failed == 0 ? 0 : ExitCode.Failed;
    }

    /// <summary>Builds the simulator and runs seeds, or whatever else its arguments ask for.</summary>
    public int Sim(string[] args)
    {
        Ensure(Need.Publish);
        return new SimulatorRun(checkout, _steps).Interactively(args);
    }

    /// <summary>Crashes a store at every point, and kills and misleads processes that work on one.</summary>
    public int Crash(string[] args)
    {
        Ensure(Need.Publish | Need.Test);
        return new CrashRun(checkout, _steps).Interactively(args);
    }

    /// <summary>Tells the stories of clusters that break, all or those named.</summary>
    public int Stories(string[] args)
    {
        if (args is ["--help" or "-h" or "--list", ..])
            return new StoryRun(checkout, _steps).Interactively(args);
        Ensure(Need.Publish | Need.Stories);
        _steps.Run("publish the binary", () => new NativePublish(checkout).Binary());
        return new StoryRun(checkout, _steps).Interactively([.. args, "--results", checkout.At("bench", "results")]);
    }

    /// <summary>Fuzzes every target, or one that is named.</summary>
    public int Fuzz(string[] args) => new FuzzRun(checkout, _steps).Interactively(args, () => Ensure(Need.Publish | Need.Fuzz));

    /// <summary>Changes parsers and erasure code, and tells which changes no test notices.</summary>
    public int Mutate(string[] args) => new MutationRun(checkout, _steps).Interactively(args, () => Ensure(Need.Publish | Need.Test));

    /// <summary>Runs a benchmark.</summary>
    public int Bench(string[] args)
    {
        string project = checkout.At("bench", "Megatorrent.Bench", "Megatorrent.Bench.csproj");
        bool boundary = args is ["boundary", ..];
        string[] run = ["run", "--configuration", Configuration, "--project", project, "--", .. args];
        if (args is ["forecast" or "durability", ..])
            return Shell.RunInteractively("dotnet", run); // simulations: they need no binary
        if (args is ["micro", ..])
        {
            Ensure(Need.Publish);
            string micro = checkout.At("bench", "Megatorrent.Microbench", "Megatorrent.Microbench.csproj");
            string[] what = args.Length > 1 ? args[1..] : ["--filter", "*"];
            string[] place = ["--artifacts", checkout.At("bench", "results", "micro")];
            return Shell.RunInteractively("dotnet", ["run", "--configuration", Configuration, "--project", micro, "--", .. what, .. place]);
        }

        Ensure(Need.Publish | (boundary ? Need.Bindings : Need.Bench));
        Publish();
        if (boundary)
            return new BoundaryBench(checkout, _steps).Run(run);
        _steps.Run("peers", () => new PeerPrograms(checkout).Build());
        return Shell.RunInteractively("dotnet", run);
    }

    /// <summary>Checks the format of every source, or with <c>--fix</c> corrects it.</summary>
    public int Format(string[] args)
    {
        if (args is not ([] or ["--fix"]))
            throw new BuildException($"takes --fix and nothing else, not '{string.Join(' ', args)}'.", ExitCode.Usage);

        int exitCode = 0;
        _steps.Run("format", () => exitCode = CheckFormat(args));
        return exitCode;
    }

    /// <summary>Deletes what was built, except this tool.</summary>
    public int Clean()
    {
        IEnumerable<string> projects = new[] { "src", "tests", "tests/abi", "bench", "fuzz" }
            .Select(house => checkout.At(house))
            .Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories);
        foreach (string folder in projects.SelectMany(project => new[] { "bin", "obj", "TestResults" }.Select(name => Path.Combine(project, name)))
            .Append(checkout.Artifacts).Where(Directory.Exists))
        {
            Console.WriteLine($"deleting {Path.GetRelativePath(checkout.Root, folder)}");
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private void BuildBindings(IEnumerable<IBinding> bindings)
    {
        foreach (IBinding binding in bindings)
        {
            if (binding.Missing is { } reason)
                throw new BuildException($"the binding for {binding.Language} cannot be built: {reason}.");
            _steps.Run($"binding for {binding.Language}", binding.Build);
        }
    }

    private void Ensure(Need need) => _steps.Run("packages", () => DebianPackages.Ensure(checkout, need));

    private void Publish()
    {
        NativePublish publish = new(checkout);
        _steps.Run("publish the binary", publish.Binary);
        _steps.Run("publish the library", publish.Library);
        if (NativePublish.HasAvx512Library)
            _steps.Run("publish the library for AVX-512", publish.Avx512Library);
    }

    private void Compile()
    {
        int exitCode = Shell.Run(
            "dotnet",
            ["build", checkout.Solution, "--configuration", Configuration, "--verbosity", "quiet", "-maxCpuCount:2", "-nodeReuse:false",
                "-consoleLoggerParameters:ErrorsOnly"],
            checkout.Root,
            BuildLimit);
        if (exitCode != 0)
            throw new BuildException("the build failed.");
    }

    // Style and analysers are errors of the build already; what it does not see is white space, and that is quick to check.
    private int CheckWhitespace() => Shell.Run(
        "dotnet", ["format", "whitespace", checkout.Solution, "--verify-no-changes"], checkout.Root, BuildLimit);

    private int CheckFormat(string[] args)
    {
        string[] mode = args is ["--fix"] ? [] : ["--verify-no-changes"];
        return Shell.Run(
            "dotnet", ["format", checkout.Solution, "--verbosity", "minimal", .. mode], checkout.Root, BuildLimit);
    }
}
