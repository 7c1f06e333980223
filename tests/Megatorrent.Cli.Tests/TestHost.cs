using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Tests;

/// <summary>A process around a command whose streams, environment and configuration folder are the test's own.</summary>
internal sealed class TestHost : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly MemoryStream _bytes = new();

    public TestHost(bool terminal = false, int width = 80)
    {
        Folder = Directory.CreateTempSubdirectory("megatorrent-cli-test-").FullName;
        Variables["XDG_CONFIG_HOME"] = Path.Combine(Folder, "config");
        Host = new CliHost
        {
            Out = TextWriter.Synchronized(_out),
            Error = TextWriter.Synchronized(_error),
            OpenStandardOutput = () => _bytes,
            ErrorIsTerminal = terminal,
            OutIsTerminal = terminal,
            Width = () => width,
            Environment = name => Variables.GetValueOrDefault(name),
            Time = Time,
        };
    }

    public CliHost Host { get; }

    public ManualTime Time { get; } = new();

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>A folder of the test's own.</summary>
    public string Folder { get; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public string At(params string[] parts) => Path.Combine([Folder, .. parts]);

    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, Host);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
