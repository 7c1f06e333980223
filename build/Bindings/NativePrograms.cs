using System.Security.Cryptography;
using System.Text;

namespace Megatorrent.Build.Bindings;

/// <summary>What the bindings for C and C++ have in common: compilers, checks, and a tree that was installed and moved.</summary>
/// <param name="checkout">The checkout.</param>
/// <param name="language"><c>C</c> or <c>C++</c>.</param>
internal sealed class NativePrograms(Checkout checkout, string language)
{
    private static readonly TimeSpan CompileLimit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(10);

    /// <summary>What every warning is turned on with.</summary>
    public static string[] Warnings => ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

    /// <summary>Where the compiled programs of the binding lie.</summary>
    public string Folder { get; } = Path.Combine(checkout.Artifacts, "bindings", language == "C" ? "c" : "cpp");

    /// <summary>What a program is linked with: the published library, which it finds where it is.</summary>
    public string[] Link => ["-L" + checkout.LibraryFolder, "-lmegatorrent", "-Wl,-rpath," + checkout.LibraryFolder];

    /// <summary>The compilers of the language that are here.</summary>
    public string[] Compilers =>
        [.. (language == "C" ? new[] { "gcc", "clang" } : ["g++", "clang++"]).Where(name => Shell.Which(name) is not null)];

    /// <summary>Why programs of the language cannot be compiled here, or null.</summary>
    public string? Missing =>
        Checkout.RuntimeIdentifier != "linux-x64" ? $"its suite is compiled on linux-x64 only, not on {Checkout.RuntimeIdentifier}"
        : Compilers.FirstOrDefault() is not ("gcc" or "g++") ? $"there is no {(language == "C" ? "gcc" : "g++")}"
        : null;

    /// <summary>Makes programs anew if one of the files has changed since they were made, or one of them is not there.</summary>
    /// <param name="programs">What is made.</param>
    /// <param name="folders">The folders whose files they are made from, with all below.</param>
    /// <param name="make">Makes them; <see cref="Folder"/> is there.</param>
    public void Make(string[] programs, string[] folders, Action make)
    {
        string stamp = Path.Combine(Folder, "sources");
        string fingerprint = Fingerprint(folders);
        if (File.Exists(stamp) && File.ReadAllText(stamp) == fingerprint && programs.All(File.Exists))
            return;

        Directory.CreateDirectory(Folder);
        File.Delete(stamp);
        make();
        File.WriteAllText(stamp, fingerprint);
    }

    /// <summary>Does something for each, as many at once as there are processors; the first failure ends it.</summary>
    public static void ForEach<T>(IEnumerable<T> all, Action<T> action)
    {
        try
        {
            Parallel.ForEach(all, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, action);
        }
        catch (AggregateException exception) when (exception.InnerException is BuildException inner)
        {
            throw inner;
        }
    }

    /// <summary>Compiles; a warning fails it.</summary>
    /// <exception cref="BuildException">It failed; what the compiler said is in the message.</exception>
    public void Compile(string compiler, string[] arguments) => Shell.Succeed(compiler, arguments, checkout.Root, CompileLimit);

    /// <summary>Runs what may fail as one check.</summary>
    public Tally Check(string name, Action action)
    {
        try
        {
            action();
            Console.WriteLine($"ok {language}: {name}");
            return new Tally(1, 0, 0);
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"not ok {language}: {name}: {exception.Message}");
            return Tally.OneFailed;
        }
    }

    /// <summary>Runs a program that prints <c>ok</c>, <c>not ok</c> and <c>skip</c> lines and exits with 0 if none failed; counts them.</summary>
    public Tally Run(string name, string program, string[] arguments, string folder, params (string Name, string Value)[] environment)
    {
        try
        {
            (int exitCode, string output) = Shell.Capture(program, arguments, folder, RunLimit, environment);
            string[] lines = output.Split('\n');
            Tally tally = new(Count("ok "), Count("not ok "), Count("skip "));
            bool passed = exitCode == 0 && tally.Failed == 0 && tally.Passed + tally.Skipped > 0;
            Console.WriteLine($"{(passed ? "ok" : "not ok")} {language}: {name}: {tally}");
            if (passed)
                return tally;
            Console.Write(output);
            Console.WriteLine($"{name} ended with exit code {exitCode}.");
            return tally.Failed > 0 ? tally : tally + Tally.OneFailed;

            int Count(string prefix) => lines.Count(line => line.StartsWith(prefix, StringComparison.Ordinal));
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"not ok {language}: {name}: {exception.Message}");
            return Tally.OneFailed;
        }
    }

    /// <summary>
    /// Installs what was published, moves the tree elsewhere, and there builds a program once with <c>find_package</c> and once with
    /// pkg-config, and runs it.
    /// </summary>
    /// <param name="source">The program, which takes no arguments.</param>
    /// <param name="target">What it is linked to with CMake.</param>
    /// <param name="standard">The standard for the compiler, as its option has it.</param>
    public Tally Install(string source, string target, string standard)
    {
        if (Array.Find(["cmake", "pkg-config"], name => Shell.Which(name) is null) is { } missing)
        {
            Console.WriteLine($"skip {language}: an installed tree: there is no {missing}");
            return new Tally(0, 0, 1);
        }

        string folder = Directory.CreateTempSubdirectory("megatorrent-install-").FullName;
        try
        {
            string prefix = Path.Combine(folder, "moved");
            Tally installed = Check("install", () =>
            {
                string build = Path.Combine(folder, "build");
                Cmake("-S", checkout.At("native"), "-B", build, $"-DMEGATORRENT_ARTIFACTS={checkout.Artifacts}");
                Cmake("--install", build, "--prefix", Path.Combine(folder, "installed"));
                Directory.Move(Path.Combine(folder, "installed"), prefix);
            });
            return installed.Failed > 0
                ? installed
                : installed + UseWithCmake(folder, prefix, source, target) + UseWithPkgConfig(folder, prefix, source, standard);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Cmake(params string[] arguments) => Shell.Succeed("cmake", arguments, folder, CompileLimit);
    }

    private string Fingerprint(string[] folders)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Shell.Succeed(Compilers[0], ["--version"], checkout.Root, RunLimit)));
        foreach (string path in folders
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(checkout.Root, path) + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private Tally UseWithCmake(string folder, string prefix, string source, string target)
    {
        string consumer = Directory.CreateDirectory(Path.Combine(folder, "with cmake")).FullName;
        string build = Path.Combine(consumer, "build");
        Tally built = Check("find_package in a tree that was moved", () =>
        {
            File.Copy(source, Path.Combine(consumer, Path.GetFileName(source)));
            File.WriteAllText(Path.Combine(consumer, "CMakeLists.txt"), $"""
                cmake_minimum_required(VERSION 3.16)
                project(consumer LANGUAGES {(language == "C" ? "C" : "CXX")})
                find_package(megatorrent {checkout.Version} CONFIG REQUIRED)
                add_executable(consumer {Path.GetFileName(source)})
                target_link_libraries(consumer PRIVATE {target})
                """);
            Shell.Succeed("cmake", ["-S", consumer, "-B", build, $"-DCMAKE_PREFIX_PATH={prefix}"], consumer, CompileLimit);
            Shell.Succeed("cmake", ["--build", build], consumer, CompileLimit);
        });
        return built.Failed > 0 ? built : built + Run("a program made with find_package", Path.Combine(build, "consumer"), [], consumer);
    }

    private Tally UseWithPkgConfig(string folder, string prefix, string source, string standard)
    {
        string consumer = Directory.CreateDirectory(Path.Combine(folder, "with pkg-config")).FullName;
        string libraries = Path.Combine(prefix, "lib"), program = Path.Combine(consumer, "consumer");
        Tally built = Check("pkg-config in a tree that was moved", () =>
        {
            string flags = Shell.Succeed(
                "pkg-config", ["--cflags", "--libs", "megatorrent"], consumer, CompileLimit,
                ("PKG_CONFIG_LIBDIR", Path.Combine(libraries, "pkgconfig")));
            Compile(
                Compilers[0], [standard, .. Warnings, source, "-o", program, .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        });
        return built.Failed > 0
            ? built
            : built + Run("a program made with pkg-config", program, [], consumer, ("LD_LIBRARY_PATH", libraries));
    }
}
