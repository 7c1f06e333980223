using System.CommandLine;
using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster</c>: a whole cluster on this machine.</summary>
internal sealed class ClusterCommand : Command
{
    /// <summary>Creates the command with its three subcommands.</summary>
    public ClusterCommand(CliHost host)
        : base("cluster", "Run a whole cluster on this machine.")
    {
        Add(new ClusterUpCommand(host));
        Add(new ClusterStatusCommand(host));
        Add(new ClusterDownCommand(host));
    }

    /// <summary>The directory of a cluster.</summary>
    internal static Option<string> DataOption(string description) => new("--data")
    {
        HelpName = "DIR",
        Description = description,
        Required = true,
    };
}
