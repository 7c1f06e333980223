namespace Megatorrent.Build.Suites;

/// <summary>What crashes cost a store: the program in <c>tests/Megatorrent.Storage.Tests</c>.</summary>
internal sealed class CrashRun(Checkout checkout, Steps steps)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);

    private string Project => checkout.At("tests", "Megatorrent.Storage.Tests");

    private string Program => Path.Combine(Project, "bin", BuildTool.Configuration, "net10.0", "Megatorrent.Storage.Tests.dll");

    /// <summary>Builds the program and lets it run with the user's arguments.</summary>
    /// <returns>Its exit code: 1 when something was lost.</returns>
    public int Interactively(string[] args)
    {
        steps.Run("program of crashes", () => Shell.Succeed(
            "dotnet",
            ["build", Project, "--configuration", BuildTool.Configuration, "--verbosity", "quiet", "-nodeReuse:false"],
            checkout.Root,
            BuildLimit));
        return Shell.RunInteractively("dotnet", [Program, .. args]);
    }
}
