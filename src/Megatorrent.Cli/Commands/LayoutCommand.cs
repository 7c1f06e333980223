using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary>A command about the layout: finds the nodes that are named, and changes what they are to do.</summary>
internal abstract class LayoutCommand : ClientCommand
{
    private const int IdDigitsMin = 4; // fewer name a node by accident

    /// <summary>Creates the command.</summary>
    protected LayoutCommand(string name, string description, CliHost host)
        : base(name, description, host)
    {
    }

    /// <summary>An argument that names a node.</summary>
    protected static Argument<string> NodeArgument(string name, string description) => new(name)
    {
        Description = $"{description}: its id or the first digits of it, its endpoint, or its failure domain if no other node is in it.",
    };

    /// <summary>The node that a text names.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: it names none, or several.</exception>
    protected static NodeId Find(MegatorrentClient client, ClusterLayout layout, string text)
    {
        ClusterView view = client.View;
        bool isId = text.Length >= IdDigitsMin && text.All(char.IsAsciiHexDigitLower);
        HashSet<NodeId> found =
        [
            .. view.Members.Where(member => member.Endpoint == text || member.Domain == text).Select(member => member.Id),
            .. view.Members.Select(member => member.Id).Concat(layout.Nodes.Select(node => node.Id))
                .Where(id => isId && id.ToString().StartsWith(text, StringComparison.Ordinal)),
        ];
        return found.Count switch
        {
            1 => found.Single(),
            0 => throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"no node is called '{text}'; `megatorrent cluster layout` lists them"),
            _ => throw new MegatorrentException(
                ErrorKind.InvalidArgument,
                $"'{text}' names {found.Count} nodes: {string.Join(", ", found.Select(id => id.ToShortString()).Order())}; give an id"),
        };
    }

    /// <summary>A member, or an error that says that the node is none.</summary>
    protected static Member RequireMember(MegatorrentClient client, NodeId id) => client.View.Find(id)
        ?? throw new MegatorrentException(ErrorKind.InvalidArgument, $"node {id.ToShortString()} is no member of the cluster");

    /// <summary>What a draining member says about its drain; null when it does not answer.</summary>
    protected static async ValueTask<(long BlobsLeft, bool Drained)?> AskDrainAsync(
        MegatorrentClient client, Member member, CancellationToken cancellationToken)
    {
        if (!member.IsLiving)
            return null;
        try
        {
            NodeStatus status = await client.StatusAsync(member, cancellationToken);
            return status.Services.TryGetValue("layout", out IReadOnlyDictionary<string, long>? numbers)
                ? (numbers.GetValueOrDefault("blobs-left"), numbers.GetValueOrDefault("drained") == 1) : null;
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Unreachable or ErrorKind.Timeout)
        {
            return null;
        }
    }

    /// <summary>A node as documents show it.</summary>
    protected static LayoutNodeEntry Describe(ClusterView view, ClusterLayout layout, NodeId id)
    {
        LayoutNode node = layout.Of(id);
        Member? member = view.Find(id);
        return new LayoutNodeEntry(id.ToString(), node.Mode.ToText())
        {
            State = member?.State.ToText() ?? "unknown",
            Endpoint = member?.Endpoint,
            Domain = node.Domain ?? member?.Record.Domain,
            Weight = node.Weight ?? member?.Record.Weight,
            Place = node.Place?.ToString(),
        };
    }

    /// <summary>Shows what a change came to.</summary>
    protected void Show(ParseResult parse, MegatorrentClient client, ClusterLayout layout, string line, params NodeId[] nodes)
    {
        if (Json(parse))
        {
            var document = new LayoutChangeDocument(layout.Epoch, [.. nodes.Select(id => Describe(client.View, layout, id))]);
            JsonOutput.Write(Host, document, CliJson.Output.LayoutChangeDocument);
        }
        Host.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"layout of epoch {layout.Epoch}: {line}"));
    }
}
