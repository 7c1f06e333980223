using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;

namespace Megatorrent.Cli.Commands;

/// <summary><c>status</c>: how the nodes of the cluster are.</summary>
internal sealed class StatusCommand : ClientCommand
{
    /// <summary>Creates the command.</summary>
    public StatusCommand(CliHost host)
        : base("status", "Show each node of the cluster: whether it lives, where, how full, and how repair stands.", host) =>
        this.AddClientOptions();

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        StatusDocument document = await RunClientAsync(
            parse, cancellationToken, (client, _, token) => StatusReport.CollectAsync(client, processes: null, token));
        StatusReport.Show(Host, document, Json(parse));
        return ExitCodes.Done;
    }
}
