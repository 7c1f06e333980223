using Megatorrent.Client.Location;
using Megatorrent.Network;

namespace Megatorrent.Cli.Terminal;

/// <summary>
/// What a command sees of the process around it: the three streams, the environment, the clock and the terminal.
/// Tests pass their own.
/// </summary>
internal sealed class CliHost
{
    /// <summary>Columns assumed where no terminal says otherwise.</summary>
    public const int DefaultWidth = 80;

    /// <summary>Results, as text. Nothing else goes here.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Progress, warnings, errors and all other talk.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Opens standard output for bytes (<c>cat</c>).</summary>
    public required Func<Stream> OpenStandardOutput { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal, so that progress may be drawn.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal, so that tables are cut at its edge.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Columns of the terminal, asked anew each time since a window can be resized.</summary>
    public Func<int> Width { get; init; } = static () => DefaultWidth;

    /// <summary>Columns that a line of results may have: those of the terminal, or no limit where the output is piped.</summary>
    public int OutWidth => OutIsTerminal ? Width() : int.MaxValue;

    /// <summary>Columns that a line of talk may have.</summary>
    public int ErrorWidth => ErrorIsTerminal ? Width() : int.MaxValue;

    /// <summary>Reads an environment variable; null or empty means it is not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>What the search for a cluster and a credential sees of this host.</summary>
    public ClientEnvironment ForClient => new(Environment, line => Error.WriteLine($"warning: {line}"));

    /// <summary>How bytes travel where no option says it.</summary>
    public SystemTransport Transport => SystemTransport.Parse(Environment(SystemTransport.Variable));

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether SIGINT and SIGTERM of the process are ours to handle. Tests run in a process that is not theirs.</summary>
    public bool HandleSignals { get; init; }

    /// <summary>The host of a real process.</summary>
    public static CliHost ForProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        OpenStandardOutput = Console.OpenStandardOutput,
        ErrorIsTerminal = !Console.IsErrorRedirected && System.Environment.GetEnvironmentVariable("TERM") is not "dumb",
        OutIsTerminal = !Console.IsOutputRedirected,
        Width = TerminalWidth,
        HandleSignals = true,
    };

    private static int TerminalWidth()
    {
        try
        {
            int width = Console.WindowWidth;
            return width > 0 ? width : DefaultWidth;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return DefaultWidth;
        }
    }
}
