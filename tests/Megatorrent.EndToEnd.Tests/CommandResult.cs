namespace Megatorrent.EndToEnd.Tests;

/// <summary>What a run of the binary left.</summary>
internal sealed record CommandResult(int ExitCode, byte[] OutputBytes, string Error)
{
    public string Output { get; } = System.Text.Encoding.UTF8.GetString(OutputBytes);

    public string Capability => Output.Trim();

    /// <summary>The run, for the message of a failed assertion.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- standard output\n{Cut(Output)}\n--- standard error\n{Cut(Error)}";

    private static string Cut(string text) => text.Length <= 4000 ? text : text[..4000] + " …";
}
