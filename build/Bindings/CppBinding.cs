namespace Megatorrent.Build.Bindings;

/// <summary>The headers of <c>bindings/cpp</c>: their suite of <c>tests/abi/cpp</c>, and everything else that is compiled with them.</summary>
internal sealed class CppBinding(Checkout checkout) : IBinding
{
    private readonly NativePrograms _programs = new(checkout, "C++");

    /// <inheritdoc/>
    public string Language => "C++";

    /// <inheritdoc/>
    public string? Missing => _programs.Missing
        ?? (File.Exists("/usr/include/nlohmann/json.hpp") ? null : "there is no nlohmann-json3-dev, with which its suite reads the vectors");

    /// <inheritdoc/>
    public (string Program, string[] Arguments, (string Name, string Value)[] Environment) Suite => (Program, [], []);

    private string Program => Path.Combine(_programs.Folder, "suite");

    private string Sources => checkout.At("tests", "abi", "cpp");

    private string Headers => checkout.At("bindings", "cpp", "include");

    private string[] Include => ["-I" + checkout.IncludeFolder, "-I" + Headers];

    /// <inheritdoc/>
    public void Build() => _programs.Make([Program], [Sources, Headers, checkout.IncludeFolder], () =>
    {
        // What is measured is optimised like a program that is shipped; for the rest half the time to compile is worth more.
        string[] sources = [.. Directory.GetFiles(Sources, "*.cpp").Order(StringComparer.Ordinal)];
        string Object(string source) => Path.Combine(_programs.Folder, Path.GetFileNameWithoutExtension(source) + ".o");
        NativePrograms.ForEach(sources, source => _programs.Compile(
            "g++",
            ["-std=c++20", .. NativePrograms.Warnings, Path.GetFileName(source) == "bench.cpp" ? "-O2" : "-O1", "-pthread", .. Include,
                "-c", source, "-o", Object(source)]));
        _programs.Compile("g++", ["-pthread", .. sources.Select(Object), "-o", Program, .. _programs.Link]);
    });

    /// <inheritdoc/>
    public Tally Test()
    {
        Tally tally = default;
        foreach (string compiler in _programs.Compilers)
            tally += CompileHeaders(compiler) + CompileExamples(compiler);
        return tally + RunExamples()
            + _programs.Install(checkout.At("bindings", "cpp", "examples", "put_get.cpp"), "megatorrent::cpp", "-std=c++20");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Package() => [];

    private static string Name(string path) => Path.GetFileNameWithoutExtension(path);

    private string[] Examples() => [.. Directory.GetFiles(checkout.At("bindings", "cpp", "examples"), "*.cpp").Order(StringComparer.Ordinal)];

    /// <summary>Each header alone must compile, and all of them without the warnings that only some projects have on.</summary>
    private Tally CompileHeaders(string compiler)
    {
        string[] headers = [.. Directory.GetFiles(Path.Combine(Headers, "megatorrent"), "*.hpp").Order(StringComparer.Ordinal)];
        string[] strict = [.. NativePrograms.Warnings, "-Wconversion", "-Wshadow", "-isystem", checkout.IncludeFolder, "-I" + Headers];
        return _programs.Check($"{headers.Length} headers compile alone ({compiler})", () =>
        {
            NativePrograms.ForEach(headers, header =>
            {
                // Included, since a header that is compiled itself is warned about for its include guard.
                string source = Path.Combine(_programs.Folder, $"header-{Name(header)}.cpp");
                File.WriteAllText(source, $"#include <megatorrent/{Path.GetFileName(header)}>\n");
                _programs.Compile(compiler, ["-std=c++20", .. strict, "-fsyntax-only", source]);
            });
        });
    }

    private Tally CompileExamples(string compiler)
    {
        string[] examples = Examples();
        var tallies = new Tally[examples.Length];
        NativePrograms.ForEach(Enumerable.Range(0, examples.Length), i =>
            tallies[i] = _programs.Check($"{Name(examples[i])}.cpp compiles without a warning ({compiler})", () => _programs.Compile(
                compiler,
                ["-std=c++20", .. NativePrograms.Warnings, "-O2", "-pthread", .. Include, examples[i], "-o",
                    Path.Combine(_programs.Folder, Name(examples[i]) + "-" + compiler), .. _programs.Link])));
        return tallies.Aggregate(default(Tally), static (sum, tally) => sum + tally);
    }

    private Tally RunExamples()
    {
        string folder = Directory.CreateTempSubdirectory("megatorrent-examples-").FullName;
        try
        {
            Tally tally = default;
            foreach (string compiler in _programs.Compilers)
                foreach (string program in Examples().Select(example => Path.Combine(_programs.Folder, Name(example) + "-" + compiler)))
                    if (File.Exists(program)) // else it has been counted as a failure
                        tally += _programs.Run(Path.GetFileName(program), program, [], folder);
            return tally;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
