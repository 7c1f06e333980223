using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>keep</c>: makes or changes the lease of the credential's owner on an object.</summary>
internal sealed class KeepCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("A capability; one that only verifies (mtv1:…) is enough.");
    private readonly DefaultedOption<TimeSpan?> _for = LeaseText.KeepForOption("--for");

    /// <summary>Creates the command.</summary>
    public KeepCommand(CliHost host)
        : base("keep", "Keep an object: for ever, or for some time from now; this replaces what you said of it before.", host)
    {
        Add(_capability);
        Add(_for);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          Each owner keeps for itself: an object is collected when nobody keeps it any more, and not before the nodes' safety period.

        Exit codes of keep:
          3  a stripe is not held by enough nodes, or a manifest cannot be read
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        TimeSpan? keepFor = _for.Of(parse);
        long start = Host.Time.GetTimestamp();
        LeaseResult result = await RunClientAsync(
            parse, cancellationToken, (client, progress, token) => client.KeepAsync(capability, keepFor, progress, token));
        if (Json(parse))
        {
            KeepDocument document = new(
                result.Confirmed == result.Stripes, result.Expires, result.Stripes, result.Confirmed, Seconds(start));
            JsonOutput.Write(Host, document, CliJson.Output.KeepDocument);
        }
        Host.Error.WriteLine(
            $"kept {Human.Count(result.Confirmed, "stripe")} "
            + (result.Expires is { } until ? $"until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : "for ever"));
        return LeaseText.Finish(Host, result);
    }
}
