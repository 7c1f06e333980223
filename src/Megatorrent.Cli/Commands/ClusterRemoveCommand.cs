using System.CommandLine;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster remove</c>: takes a node out of the cluster.</summary>
internal sealed class ClusterRemoveCommand : LayoutCommand
{
    private readonly Argument<string> _node = NodeArgument("NODE", "The node");
    private readonly Option<bool> _force = new("--force")
    {
        Description = "Remove a node that lives although blobs depend on it; they are made again from the others, as when it dies.",
    };

    /// <summary>Creates the command.</summary>
    public ClusterRemoveCommand(CliHost host)
        : base("remove", "Take a node out of the cluster: one that is drained, or dead. It may store and fetch nothing any more.", host)
    {
        Add(_node);
        Add(_force);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken) =>
        RunClientAsync(parse, cancellationToken, async (client, _, token) =>
        {
            string text = parse.GetRequiredValue(_node);
            ClusterLayout known = (await client.Layout.GetAsync(token)).Current?.Layout ?? ClusterLayout.Empty;
            NodeId id = Find(client, known, text);
            if (!parse.GetValue(_force))
                await CheckAsync(client, known, id, token);
            ClusterLayout layout = await client.Layout.ChangeAsync(before => [before.Of(id) with { Mode = NodeMode.Removed }], token);
            Show(parse, client, layout, $"node {id.ToShortString()} is removed; its blobs stay on its disk", id);
            return ExitCodes.Done;
        });

    // A dead one holds nothing that anybody could wait for. One that lives must say itself that nothing depends on it: it says so only while
    // it drains, which whoever told us of the members may not have heard yet.
    private static async ValueTask CheckAsync(MegatorrentClient client, ClusterLayout known, NodeId id, CancellationToken cancellationToken)
    {
        if (client.View.Find(id) is not { IsLiving: true } member)
            return;
        if (await AskDrainAsync(client, member, cancellationToken) is { Drained: true })
            return;
        string why = known.Of(id).Mode == NodeMode.Draining
            ? "is not drained yet; `megatorrent cluster layout` shows how far it is"
            : $"lives and is not drained; run `megatorrent cluster drain {id.ToShortString()} --wait` first";
        throw new MegatorrentException(ErrorKind.InvalidArgument, $"node {id.ToShortString()} {why}, or give --force");
    }
}
