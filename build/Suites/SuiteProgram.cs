using Megatorrent.Build.Bindings;

namespace Megatorrent.Build.Suites;

/// <summary>A suite, which is a program that takes the arguments of <c>tests/abi/README.md</c>.</summary>
/// <param name="Name">What tables call it; the language, unless it is a variant of another suite.</param>
/// <param name="Language">The language as <c>tests/vectors/behaviours.json</c> spells it.</param>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its first arguments.</param>
/// <param name="Environment">What it needs in its environment beside the variables of the cluster.</param>
internal sealed record SuiteProgram(
    string Name, string Language, string Program, string[] Arguments, (string Name, string Value)[] Environment)
{
    /// <summary>The suite in C#, which runs the managed core.</summary>
    public static SuiteProgram CSharp(Checkout checkout) => new(
        "C#",
        "C#",
        "dotnet",
        [checkout.At("tests", "abi", "csharp", "bin", BuildTool.Configuration, "net10.0", "Megatorrent.Abi.Suite.dll")],
        []);

    /// <summary>The suite of a binding.</summary>
    public static SuiteProgram Of(IBinding binding) => Of(binding.Language, binding.Suite);

    /// <summary>The suite of a binding, to be measured.</summary>
    public static SuiteProgram Measured(IBinding binding) => Of(binding.Language, binding.Measured);

    /// <summary>The other builds of the suite of a binding.</summary>
    public static IEnumerable<SuiteProgram> VariantsOf(IBinding binding) => binding.Variants.Select(
        variant => new SuiteProgram(variant.Name, binding.Language, variant.Program, variant.Arguments, variant.Environment));

    private static SuiteProgram Of(
        string language, (string Program, string[] Arguments, (string Name, string Value)[] Environment) start) =>
        new(language, language, start.Program, start.Arguments, start.Environment);

    /// <summary>Runs the suite with a cluster and hands on every line that it prints.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="BuildException">It could not be started, or ran longer than <paramref name="limit"/> and was killed.</exception>
    public int Stream(Checkout checkout, TestCluster cluster, TimeSpan limit, Action<string, bool> onLine, params string[] arguments) =>
        Shell.Stream(Program, [.. Arguments, .. arguments], checkout.Root, limit, onLine, [.. cluster.Environment, .. Environment]);

    /// <summary>Runs the suite with a cluster; it must succeed.</summary>
    /// <returns>What it printed on standard output, without the white space around it.</returns>
    /// <exception cref="BuildException">It failed, could not be started, or ran longer than <paramref name="limit"/>.</exception>
    public string Succeed(Checkout checkout, TestCluster cluster, TimeSpan limit, params string[] arguments) =>
        Shell.Succeed(Program, [.. Arguments, .. arguments], checkout.Root, limit, [.. cluster.Environment, .. Environment]);
}
