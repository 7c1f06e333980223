using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cluster.Coordination;
using Megatorrent.Core.Encoding;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cli.Commands;

/// <summary><c>cluster weight</c>: changes a node's share of the data.</summary>
internal sealed class ClusterWeightCommand : LayoutCommand
{
    private const string Own = "default";

    private readonly Argument<string> _node = NodeArgument("NODE", "The node");
    private readonly Argument<long?> _weight = new("WEIGHT")
    {
        Description = $"Its share relative to others, such as its capacity in GiB; `{Own}` is what the node says itself.",
        CustomParser = result =>
        {
            string text = CommonOptions.Token(result);
            if (text == Own)
                return null;
            if (DecimalText.TryParse(text, out long weight) && weight is >= 1 and <= NodeRecord.MaxWeight)
                return weight;
            result.AddError($"'{text}' is not a weight; write a whole number from 1 on, or `{Own}`.");
            return null;
        },
        Arity = ArgumentArity.ExactlyOne,
    };

    /// <summary>Creates the command.</summary>
    public ClusterWeightCommand(CliHost host)
        : base("weight", "Change a node's share of what is stored from now on. What is stored already stays where it is.", host)
    {
        Add(_node);
        Add(_weight);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken) =>
        RunClientAsync(parse, cancellationToken, async (client, _, token) =>
        {
            NodeId id = default;
            long? weight = parse.GetValue(_weight);
            ClusterLayout layout = await client.Layout.ChangeAsync(
                before =>
                {
                    id = Find(client, before, parse.GetRequiredValue(_node));
                    return [before.Of(id) with { Weight = weight }];
                },
                token);
            string said = weight is { } number ? number.ToString(CultureInfo.InvariantCulture) : "what it says itself";
            Show(parse, client, layout, $"the weight of node {id.ToShortString()} is {said}", id);
            return ExitCodes.Done;
        });
}
