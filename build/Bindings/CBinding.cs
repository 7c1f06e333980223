using Megatorrent.Build.Suites;

namespace Megatorrent.Build.Bindings;

/// <summary>
/// The C interface as it is: the suite of <c>tests/abi/c</c>, once plain and once under AddressSanitizer and UndefinedBehaviorSanitizer.
/// The examples of <c>native/examples</c> and the header alone are <see cref="NativeExamples"/>' to test.
/// </summary>
internal sealed class CBinding(Checkout checkout) : IBinding
{
    private readonly NativePrograms _programs = new(checkout, "C");

    /// <inheritdoc/>
    public string Language => "C";

    /// <inheritdoc/>
    public string? Missing => _programs.Missing
        ?? (File.Exists("/usr/include/cjson/cJSON.h") ? null : "there is no libcjson-dev, with which its suite reads the vectors");

    /// <inheritdoc/>
    public (string Program, string[] Arguments, (string Name, string Value)[] Environment) Suite => (Plain, [], []);

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, string Program, string[] Arguments, (string Name, string Value)[] Environment)> Variants =>
        [("C (sanitizers)", Sanitized, [], [])];

    private string Plain => Path.Combine(_programs.Folder, "suite");

    private string Sanitized => Path.Combine(_programs.Folder, "suite-sanitized");

    private string Replay => Path.Combine(_programs.Folder, "replay-abi");

    private string FuzzSources => checkout.At("fuzz", "native");

    private string Sources => checkout.At("tests", "abi", "c");

    /// <inheritdoc/>
    public void Build() => _programs.Make([Plain, Sanitized, Replay], [Sources, FuzzSources, checkout.IncludeFolder], () =>
    {
        _programs.Compile(
            "gcc",
            ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined",
                "-I" + checkout.IncludeFolder, .. FuzzBuild.AbiSources(checkout), Path.Combine(FuzzSources, "replay.c"), "-o", Replay,
                .. _programs.Link]);
        Compile(Plain, "-O2");
        Compile(Sanitized, "-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined");
    });

    /// <inheritdoc/>
    public Tally Test()
    {
        Tally tally = _programs.Install(checkout.At("native", "examples", "put_get.c"), "megatorrent::megatorrent", "-std=c11");
        tally += _programs.Run("abuse", Plain, ["abuse"], checkout.Root);
        tally += _programs.Run("abuse, under sanitizers", Sanitized, ["abuse"], checkout.Root);
        string[] corpus = Directory.GetFiles(checkout.At("fuzz", "corpus", "abi"));
        return tally + _programs.Run("what the fuzzer found of the interface, under sanitizers", Replay, corpus, checkout.Root);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Package() => [];

    private void Compile(string program, params string[] options) => _programs.Compile(
        "gcc",
        ["-std=c11", .. NativePrograms.Warnings, .. options, "-pthread", "-I" + checkout.IncludeFolder,
            .. Directory.GetFiles(Sources, "*.c").Order(StringComparer.Ordinal), "-o", program, .. _programs.Link, "-lcjson"]);
}
