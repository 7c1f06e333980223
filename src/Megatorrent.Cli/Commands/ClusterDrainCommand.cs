using System.CommandLine;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Cluster;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster drain</c>: has a node's blobs copied to others, so that it can leave.</summary>
internal sealed class ClusterDrainCommand : LayoutCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private readonly Argument<string> _node = NodeArgument("NODE", "The node");
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until nothing depends on the node any more." };

    /// <summary>Creates the command.</summary>
    public ClusterDrainCommand(CliHost host)
        : base("drain", "Have a node take no new blobs and the others copy those that it has, so that it can be removed.", host)
    {
        Add(_node);
        Add(_wait);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          The node is read from until the others have its blobs. `megatorrent cluster layout` shows how many are left, and says when the
          node can be removed with `megatorrent cluster remove NODE`. An administrator's credential is needed, such as `cluster up` leaves.
        """;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken) =>
        RunClientAsync(parse, cancellationToken, async (client, progress, token) =>
        {
            string text = parse.GetRequiredValue(_node);
            NodeId id = default;
            ClusterLayout layout = await client.Layout.ChangeAsync(
                before =>
                {
                    id = RequireMember(client, Find(client, before, text)).Id;
                    return [before.Of(id) with { Mode = NodeMode.Draining }];
                },
                token);
            if (parse.GetValue(_wait))
                await WaitAsync(client, id, progress, token);
            string said = parse.GetValue(_wait) ? "is drained and can be removed" : "drains";
            Show(parse, client, layout, $"node {id.ToShortString()} {said}", id);
            return ExitCodes.Done;
        });

    // Blobs are counted, not bytes: the line moves, and with it the time limit.
    private async ValueTask WaitAsync(MegatorrentClient client, NodeId id, ProgressLine progress, CancellationToken cancellationToken)
    {
        long most = 0;
        while (true)
        {
            Member member = RequireMember(client, id);
            if (await AskDrainAsync(client, member, cancellationToken) is { } drain)
            {
                if (drain.Drained)
                    return;
                most = Math.Max(most, drain.BlobsLeft);
                progress.Report(new TransferProgress("drain", most - drain.BlobsLeft, most));
            }
            await Task.Delay(PollInterval, Host.Time, cancellationToken);
        }
    }
}
