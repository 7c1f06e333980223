using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster layout</c>: what each node is to do.</summary>
internal sealed class ClusterLayoutCommand : LayoutCommand
{
    /// <summary>Creates the command.</summary>
    public ClusterLayoutCommand(CliHost host)
        : base("layout", "Show what each node is to do: whether it takes blobs, drains or was removed; its failure domain and weight.", host) =>
        this.AddClientOptions();

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        LayoutDocument document = await RunClientAsync(
            parse, cancellationToken, (client, _, token) => CollectAsync(client, token));
        if (Json(parse))
            JsonOutput.Write(Host, document, CliJson.Output.LayoutDocument);
        else
            Show(document);
        return ExitCodes.Done;
    }

    private static async ValueTask<LayoutDocument> CollectAsync(MegatorrentClient client, CancellationToken cancellationToken)
    {
        LayoutReply reply = await client.Layout.GetAsync(cancellationToken);
        ClusterLayout layout = reply.Current?.Layout ?? ClusterLayout.Empty;
        ClusterView view = client.View;
        var nodes = new List<LayoutNodeEntry>();
        foreach (NodeId id in view.Members.Select(member => member.Id).Union(layout.Nodes.Select(node => node.Id)).Order())
        {
            LayoutNodeEntry entry = Describe(view, layout, id);
            if (layout.Of(id).Mode == NodeMode.Draining && view.Find(id) is { } member
                && await AskDrainAsync(client, member, cancellationToken) is { } drain)
            {
                entry = entry with { BlobsLeft = drain.BlobsLeft, Drained = drain.Drained };
            }
            nodes.Add(entry);
        }
        string cluster = view.Members.Count > 0 ? Convert.ToHexStringLower(view.Members[0].Record.Certificate.ClusterKey) : "";
        return new LayoutDocument(
            cluster, layout.Epoch, reply.Current?.Layout.Time, reply.Coordinator, reply.IsReachable, nodes);
    }

    private void Show(LayoutDocument document)
    {
        TextTable table = new(["node", "mode", "state", "endpoint", "domain", ">weight", "drain"]);
        foreach (LayoutNodeEntry node in document.Nodes)
        {
            table.Add(
                node.Id[..10], node.Mode, node.State ?? "-", node.Endpoint ?? "-", node.Domain ?? "-",
                node.Weight?.ToString(CultureInfo.InvariantCulture) ?? "-",
                node.Drained == true ? "drained, can be removed"
                    : node.BlobsLeft is { } left ? $"{Human.Count(left, "blob")} left" : node.Place is { } place ? $"in place of {place[..10]}" : "");
        }
        table.Write(Host.Out, Host.OutWidth);
        Host.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {document.Epoch}, coordinator {document.Coordinator}{(document.Changeable ? "" : ", which does not answer: nothing can be changed now")}"));
        Host.Out.Flush();
    }
}
