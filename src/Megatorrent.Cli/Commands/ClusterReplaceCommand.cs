using System.CommandLine;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster replace</c>: puts a new node in the place of another, so that what that one held goes there and nothing else moves.</summary>
internal sealed class ClusterReplaceCommand : LayoutCommand
{
    private readonly Argument<string> _old = NodeArgument("OLD", "The node that leaves");
    private readonly Argument<string> _new = NodeArgument("NEW", "The node that takes its place; it has joined already");

    /// <summary>Creates the command.</summary>
    public ClusterReplaceCommand(CliHost host)
        : base("replace", "Put a new node in the place of another: a dead one is removed, one that lives drains.", host)
    {
        Add(_old);
        Add(_new);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken) =>
        RunClientAsync(parse, cancellationToken, async (client, _, token) =>
        {
            NodeId leaver = default, taker = default;
            bool lives = false;
            ClusterLayout layout = await client.Layout.ChangeAsync(
                before =>
                {
                    leaver = Find(client, before, parse.GetRequiredValue(_old));
                    Member member = RequireMember(client, Find(client, before, parse.GetRequiredValue(_new)));
                    taker = member.Id;
                    if (taker == leaver)
                        throw new MegatorrentException(ErrorKind.InvalidArgument, "a node cannot replace itself");
                    if (!member.IsLiving || !member.TakesBlobs)
                    {
                        throw new MegatorrentException(
                            ErrorKind.InvalidArgument,
                            $"node {taker.ToShortString()} is {(member.IsLiving ? member.Mode.ToText() : "dead")} and cannot take a place");
                    }
                    lives = client.View.Find(leaver) is { IsLiving: true };
                    LayoutNode left = before.Of(leaver);
                    return
                    [
                        left with { Mode = lives ? NodeMode.Draining : NodeMode.Removed },
                        before.Of(taker) with { Place = left.Place ?? leaver },
                    ];
                },
                token);
            string gone = lives ? "drains; remove it when it is drained" : "is removed";
            Show(
                parse, client, layout, $"node {taker.ToShortString()} takes the place of {leaver.ToShortString()}, which {gone}", leaver, taker);
            return ExitCodes.Done;
        });
}
