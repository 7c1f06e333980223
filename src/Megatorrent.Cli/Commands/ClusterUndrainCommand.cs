using System.CommandLine;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster undrain</c>: has a node that drains, or was removed, take blobs again.</summary>
internal sealed class ClusterUndrainCommand : LayoutCommand
{
    private readonly Argument<string> _node = NodeArgument("NODE", "The node");

    /// <summary>Creates the command.</summary>
    public ClusterUndrainCommand(CliHost host)
        : base("undrain", "Have a node that drains, or was removed, take blobs again.", host)
    {
        Add(_node);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken) =>
        RunClientAsync(parse, cancellationToken, async (client, _, token) =>
        {
            NodeId id = default;
            ClusterLayout layout = await client.Layout.ChangeAsync(
                before =>
                {
                    id = Find(client, before, parse.GetRequiredValue(_node));
                    return [before.Of(id) with { Mode = NodeMode.Active }];
                },
                token);
            Show(parse, client, layout, $"node {id.ToShortString()} is active", id);
            return ExitCodes.Done;
        });
}
