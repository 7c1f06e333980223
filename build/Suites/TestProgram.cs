namespace Megatorrent.Build.Suites;

/// <summary>A project below <c>tests</c> that is a program, too: long runs that a verb starts.</summary>
/// <param name="checkout">The checkout.</param>
/// <param name="name">The name of the project and of its assembly.</param>
internal sealed class TestProgram(Checkout checkout, string name)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);

    private string Project => checkout.At("tests", name);

    /// <summary>Its assembly, which <c>dotnet</c> runs.</summary>
    public string Assembly => Path.Combine(Project, "bin", BuildTool.Configuration, "net10.0", name + ".dll");

    /// <summary>Compiles it, where the solution was not built before.</summary>
    public void Build() => Shell.Succeed(
        "dotnet",
        ["build", Project, "--configuration", BuildTool.Configuration, "--verbosity", "quiet", "-nodeReuse:false"],
        checkout.Root,
        BuildLimit);
}
