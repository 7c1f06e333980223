namespace Megatorrent.Bench;

/// <summary>This same program as another process: what is measured there has a process to itself.</summary>
internal static class SelfProcess
{
    /// <summary>What to start.</summary>
    public static string Program => Environment.ProcessPath!;

    /// <summary>What comes before the arguments: the assembly, where the program is <c>dotnet</c>.</summary>
    public static string[] First =>
        Path.GetFileNameWithoutExtension(Program) == "dotnet" ? [typeof(SelfProcess).Assembly.Location] : [];

    /// <summary>Runs it to its end.</summary>
    public static Measurement Run(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Command.Run(Program, environment, [.. First, .. arguments]);
}
