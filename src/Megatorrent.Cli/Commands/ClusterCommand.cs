using System.CommandLine;
using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster</c>: a whole cluster on this machine, and the layout of any.</summary>
internal sealed class ClusterCommand : Command
{
    /// <summary>Creates the command with its subcommands.</summary>
    public ClusterCommand(CliHost host)
        : base("cluster", "Run a whole cluster on this machine; see and change what the nodes of any cluster are to do.")
    {
        Add(new ClusterUpCommand(host));
        Add(new ClusterStatusCommand(host));
        Add(new ClusterDownCommand(host));
        Add(new ClusterLayoutCommand(host));
        Add(new ClusterDrainCommand(host));
        Add(new ClusterUndrainCommand(host));
        Add(new ClusterRemoveCommand(host));
        Add(new ClusterReplaceCommand(host));
        Add(new ClusterWeightCommand(host));
    }

    /// <summary>The directory of a cluster.</summary>
    internal static Option<string> DataOption(string description) => new("--data")
    {
        HelpName = "DIR",
        Description = description,
        Required = true,
    };
}
