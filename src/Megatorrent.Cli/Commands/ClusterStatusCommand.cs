using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Launch;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Client.Location;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster status</c>: how the node processes of a cluster on this machine are.</summary>
internal sealed class ClusterStatusCommand : CliCommand
{
    private readonly Option<string?> _data = new("--data")
    {
        HelpName = "DIR",
        Description = "The cluster's directory. Default: the cluster that `cluster up` left running.",
    };

    /// <summary>Creates the command.</summary>
    public ClusterStatusCommand(CliHost host)
        : base("status", "Show each node of a cluster on this machine: process, endpoint, domain, how full, and how repair stands.", host)
    {
        Add(_data);
        Add(CommonOptions.Timeout);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Exit codes of cluster status:
          0  a node answers     5  none does
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string data = parse.GetValue(_data)
            ?? ClusterPointer.Read(ConfigFolder.Find(Host.Environment))?.Data
            ?? throw new MegatorrentException(
                ErrorKind.Unreachable, "no cluster runs here that `cluster up` started; name its directory with --data");
        ClusterFolder folder = ClusterFolder.Open(data);
        using Credential credential = folder.LoadCredential(Host);
        string[] endpoints = [.. folder.Document.Nodes.Where(ClusterLauncher.IsRunning).Select(node => node.Listen)];
        if (endpoints.Length == 0)
        {
            StatusReport.Show(Host, StatusReport.AllDown(folder.Document), Json(parse));
            Host.Error.WriteLine($"error: no node of {folder.Path} is running; `megatorrent cluster up --data {folder.Path}` starts them");
            return ExitCodes.NoCluster;
        }
        using StallGuard guard = new(Host.Time, CommonOptions.Timeout.Of(parse), cancellationToken);
        StatusDocument document = await guard.RunAsync(async token =>
        {
            ClientOptions options = new()
            {
                Endpoints = endpoints,
                Credential = credential,
                Transport = Host.Transport,
                Time = Host.Time,
            };
            await using MegatorrentClient client = await MegatorrentClient.ConnectAsync(options, token);
            return await StatusReport.CollectAsync(client, folder.Document, token);
        });
        StatusReport.Show(Host, document, Json(parse));
        return ExitCodes.Done;
    }
}
