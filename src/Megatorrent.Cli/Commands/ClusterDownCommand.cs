using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client.Location;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster down</c>: stops the node processes of a cluster; their data stays.</summary>
internal sealed class ClusterDownCommand : CliCommand
{
    private readonly Option<string> _data = ClusterCommand.DataOption("The cluster's directory.");

    private readonly DefaultedOption<TimeSpan> _wait = CommonOptions.MakeDuration(
        "--wait", "How long a node may take to stop before it is killed.", TimeSpan.FromSeconds(15));

    /// <summary>Creates the command.</summary>
    public ClusterDownCommand(CliHost host)
        : base("down", "Stop the nodes of a cluster on this machine. Their data stays; `cluster up` starts them again.", host)
    {
        Add(_data);
        Add(_wait);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        ClusterFolder folder = ClusterFolder.Open(parse.GetRequiredValue(_data));
        (int stopped, int killed, int notRunning) =
            await ClusterLauncher.StopAsync(folder.Document.Nodes, _wait.Of(parse), Host.Time, cancellationToken);
        ClusterPointer.RemoveIfAt(ConfigFolder.Find(Host.Environment), folder.Path);
        if (Json(parse))
            JsonOutput.Write(Host, new ClusterDownDocument(folder.Path, stopped, killed, notRunning), CliJson.Output.ClusterDownDocument);
        string hard = killed > 0 ? $", {killed} killed because they did not stop in time" : "";
        string gone = notRunning > 0 ? $", {notRunning} not running" : "";
        Host.Error.WriteLine($"{Human.Count(stopped, "node")} of {folder.Path} stopped{hard}{gone}");
        return ExitCodes.Done;
    }
}
