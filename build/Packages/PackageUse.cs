using Megatorrent.Build.Suites;

namespace Megatorrent.Build.Packages;

/// <summary>Uses an unpacked native package as somebody would who has nothing else of us.</summary>
/// <param name="checkout">Where the two programs come from.</param>
/// <param name="cluster">What they work with.</param>
/// <param name="package">The package's file name.</param>
/// <param name="prefix">What stands for its <c>/usr</c>.</param>
/// <param name="libraries">Its library folder below the prefix.</param>
internal sealed class PackageUse(Checkout checkout, TestCluster cluster, string package, string prefix, string libraries)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private string Folder => Path.Combine(cluster.Folder, "use of " + package);

    /// <summary>Runs everything; each way is one check.</summary>
    public Tally Check()
    {
        Directory.CreateDirectory(Folder);
        File.Copy(checkout.At("native", "examples", "put_get.c"), Path.Combine(Folder, "put_get_c.c"));
        File.Copy(checkout.At("bindings", "cpp", "examples", "put_get.cpp"), Path.Combine(Folder, "put_get_cpp.cpp"));
        return Try("the program", Program) + Try("CMake", CMake) + Try("pkg-config", PkgConfig);
    }

    private void Program()
    {
        string version = Shell.Succeed(Path.Combine(prefix, "bin", "megatorrent"), ["version"], Folder, Limit);
        if (!version.Contains(checkout.Version, StringComparison.Ordinal))
            throw new BuildException($"`megatorrent version` says '{version}', not {checkout.Version}.");
    }

    private void CMake()
    {
        File.WriteAllText(Path.Combine(Folder, "CMakeLists.txt"), $"""
            cmake_minimum_required(VERSION 3.16)
            project(consumer C CXX)
            find_package(megatorrent {checkout.Version} CONFIG REQUIRED)
            add_executable(put_get_c put_get_c.c)
            target_link_libraries(put_get_c PRIVATE megatorrent::megatorrent)
            add_executable(put_get_cpp put_get_cpp.cpp)
            target_link_libraries(put_get_cpp PRIVATE megatorrent::cpp)
            """);
        string build = Path.Combine(Folder, "cmake");
        Shell.Succeed("cmake", ["-S", Folder, "-B", build, $"-DCMAKE_PREFIX_PATH={prefix}"], Folder, Limit);
        Shell.Succeed("cmake", ["--build", build], Folder, Limit);
        Execute(Path.Combine(build, "put_get_c"));
        Execute(Path.Combine(build, "put_get_cpp"));
    }

    private void PkgConfig()
    {
        string[] flags = Shell.Succeed(
            "pkg-config", ["--cflags", "--libs", "megatorrent"], Folder, Limit,
            ("PKG_CONFIG_LIBDIR", Path.Combine(prefix, libraries, "pkgconfig"))).Split(' ');
        foreach ((string compiler, string standard, string source) in new[] { ("gcc", "c11", "put_get_c.c"), ("g++", "c++20", "put_get_cpp.cpp") })
        {
            string program = Path.Combine(Folder, Path.GetFileNameWithoutExtension(source));
            Shell.Succeed(compiler, [$"-std={standard}", source, "-o", program, .. flags], Folder, Limit);
            Execute(program, ("LD_LIBRARY_PATH", Path.Combine(prefix, libraries)));
        }
    }

    private void Execute(string program, params (string Name, string Value)[] environment) =>
        Shell.Succeed(program, [], Folder, Limit, [.. cluster.Environment, .. environment]);

    private Tally Try(string way, Action use)
    {
        try
        {
            use();
            Console.WriteLine($"ok {package}: {way}");
            return new Tally(1, 0, 0);
        }
        catch (BuildException exception)
        {
            Console.WriteLine($"not ok {package}: {way}: {exception.Message}");
            return Tally.OneFailed;
        }
    }
}
