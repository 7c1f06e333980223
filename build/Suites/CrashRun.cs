namespace Megatorrent.Build.Suites;

/// <summary>What crashes cost a store: the program in <c>tests/Megatorrent.Storage.Tests</c>.</summary>
internal sealed class CrashRun(Checkout checkout, Steps steps)
{
    private readonly TestProgram _program = new(checkout, "Megatorrent.Storage.Tests");

    /// <summary>Builds the program and lets it run with the user's arguments.</summary>
    /// <returns>Its exit code: 1 when something was lost.</returns>
    public int Interactively(string[] args)
    {
        steps.Run("program of crashes", _program.Build);
        return Shell.RunInteractively("dotnet", [_program.Assembly, .. args]);
    }
}
