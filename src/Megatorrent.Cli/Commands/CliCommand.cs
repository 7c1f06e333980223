using System.CommandLine;
using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Commands;

/// <summary>A command of the binary: its options, its notes below the help, and what it does. One file a command.</summary>
internal abstract class CliCommand : Command
{
    /// <summary>Creates the command; the derived class adds options and arguments.</summary>
    protected CliCommand(string name, string description, CliHost host)
        : base(name, description)
    {
        Host = host;
        SetAction(RunAsync);
    }

    /// <summary>The process around it.</summary>
    protected CliHost Host { get; }

    /// <summary>What <c>--help</c> adds below the options: examples, exit codes of its own. Null for nothing.</summary>
    public virtual string? Notes => null;

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken);

    /// <summary>Whether <c>--json</c> was given.</summary>
    protected static bool Json(ParseResult parse) => parse.GetValue(CommonOptions.Json);

    /// <summary>Seconds since <paramref name="timestamp"/>, to the millisecond, for documents.</summary>
    protected double Seconds(long timestamp) => Math.Round(Host.Time.GetElapsedTime(timestamp).TotalSeconds, 3);
}
