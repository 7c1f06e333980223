using System.Runtime.Intrinsics.X86;
using Megatorrent.Build.Suites;

namespace Megatorrent.Build;

/// <summary>
/// Compiles the C programs of <c>native/examples</c> against what was published, with every compiler that is here, and runs them with a
/// cluster. Each prints one line a check, <c>ok NAME</c>, <c>not ok NAME</c> or <c>skip NAME</c>, and exits non-zero if one failed; the
/// lines are what is counted, and all of them are shown when something fails.
/// </summary>
internal sealed class NativeExamples(Checkout checkout)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Compiles the header alone as C11 and C++20, then every example, and runs each with each build of the library.</summary>
    public Tally Run()
    {
        string[] compilers = [.. new[] { "gcc", "clang" }.Select(Shell.Which).OfType<string>()];
        if (OperatingSystem.IsWindows() || compilers.Length == 0)
        {
            Console.WriteLine("skip native examples: they need gcc or clang");
            return new Tally(0, 0, 1);
        }

        string folder = Path.Combine(checkout.Artifacts, "examples");
        Directory.CreateDirectory(folder);
        Tally tally = default;
        foreach (string compiler in compilers)
            tally += CompileHeader(compiler, "c", "c11") + CompileHeader(compiler, "c++", "c++20");

        using TestCluster cluster = TestCluster.Start(checkout);
        foreach (string source in Directory.GetFiles(checkout.At("native", "examples"), "*.c").Order())
        {
            string name = Path.GetFileNameWithoutExtension(source);
            string program = Path.Combine(folder, name);
            // The first compiler comes last: its program is the one that runs.
            Tally compiled = compilers.Reverse().Aggregate(default(Tally), (sum, compiler) => sum + Compile(compiler, source, program));
            tally += compiled;
            if (compiled.Failed > 0)
                continue;

            tally += Execute(name, program, cluster, []);
            if (NativePublish.HasAvx512Library)
                tally += ExecuteBothBuilds(name, program, cluster);
        }

        return tally;
    }

    private Tally Compile(string compiler, string source, string program)
    {
        (int exitCode, string output) = Shell.Capture(
            compiler,
            ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2", "-pthread", "-I" + checkout.IncludeFolder, source, "-o", program,
                "-L" + checkout.LibraryFolder, "-lmegatorrent", "-Wl,-rpath," + checkout.LibraryFolder],
            checkout.Root,
            Limit);
        return Check(exitCode == 0, $"{Path.GetFileName(source)} compiles without a warning ({Path.GetFileName(compiler)})", output);
    }

    /// <summary>Whether the loader of glibc looks into <c>glibc-hwcaps/x86-64-v4</c> on this processor.</summary>
    private static bool HasAvx512 => Avx512BW.VL.IsSupported && Avx512DQ.VL.IsSupported && Avx512CD.VL.IsSupported;

    /// <summary>Sees that the loader picks the right build, and runs the program with the one that it does not pick, if the processor can.</summary>
    private Tally ExecuteBothBuilds(string name, string program, TestCluster cluster)
    {
        (_, string libraries) = Shell.Capture("ldd", [program], checkout.Root, Limit);
        string line = libraries.Split('\n').FirstOrDefault(text => text.Contains(Checkout.LibraryName, StringComparison.Ordinal)) ?? "";
        bool picked = line.Contains("glibc-hwcaps/x86-64-v4", StringComparison.Ordinal);
        Tally tally = Check(
            line.Length > 0 && picked == HasAvx512,
            $"the loader gives {name} the {(HasAvx512 ? "AVX-512" : "portable")} build of the library",
            libraries);
        if (!HasAvx512)
        {
            Console.WriteLine($"skip {name} with the AVX-512 build: this processor has no AVX-512");
            return tally + new Tally(0, 0, 1);
        }

        // A folder without glibc-hwcaps beside it.
        string portable = Path.Combine(checkout.Artifacts, "examples", "portable");
        Directory.CreateDirectory(portable);
        File.Copy(checkout.Library, Path.Combine(portable, Checkout.LibraryName), overwrite: true);
        return tally + Execute(name + " with the portable build", program, cluster, [("LD_LIBRARY_PATH", portable)]);
    }

    private Tally CompileHeader(string compiler, string language, string standard)
    {
        (int exitCode, string output) = Shell.Capture(
            compiler,
            ["-x", language, "-std=" + standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only",
                Path.Combine(checkout.IncludeFolder, "megatorrent.h")],
            checkout.Root,
            Limit);
        return Check(exitCode == 0, $"megatorrent.h compiles alone as {standard} ({Path.GetFileName(compiler)})", output);
    }

    private static Tally Execute(string name, string program, TestCluster cluster, (string Name, string Value)[] environment)
    {
        Console.WriteLine($"-- {name}");
        (int exitCode, string output) = Shell.Capture(program, [], cluster.Folder, Limit, [.. cluster.Environment, .. environment]);
        string[] lines = output.Split('\n');
        Tally tally = new(Count("ok "), Count("not ok "), Count("skip "));
        if (exitCode == 0 && tally.Passed > 0 && tally.Failed == 0)
        {
            Console.WriteLine($"   {tally}");
            return tally;
        }

        Console.Write(output);
        Console.WriteLine($"{name} ended with exit code {exitCode} after {tally}.");
        return tally.Failed > 0 ? tally : tally + Tally.OneFailed;

        int Count(string prefix) => lines.Count(line => line.StartsWith(prefix, StringComparison.Ordinal));
    }

    private static Tally Check(bool passed, string name, string output)
    {
        Console.WriteLine($"{(passed ? "ok" : "not ok")} {name}");
        if (!passed)
            Console.Write(output);
        return passed ? new Tally(1, 0, 0) : Tally.OneFailed;
    }
}
