using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>forget</c>: ends the lease of the credential's owner on an object.</summary>
internal sealed class ForgetCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("A capability; one that only verifies (mtv1:…) is enough.");

    /// <summary>Creates the command.</summary>
    public ForgetCommand(CliHost host)
        : base("forget", "Stop keeping an object; when nobody else keeps it the nodes delete it after their safety period.", host)
    {
        Add(_capability);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          Until the safety period (7 days) is over, `megatorrent keep CAP` brings the object back. Blobs that other objects share stay.

        Exit codes of forget:
          3  a stripe is not held by enough nodes, or a manifest cannot be read
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        long start = Host.Time.GetTimestamp();
        LeaseResult result = await RunClientAsync(
            parse, cancellationToken, (client, progress, token) => client.ForgetAsync(capability, progress, token));
        if (Json(parse))
        {
            KeepDocument document = new(false, result.Expires, result.Stripes, result.Confirmed, Seconds(start));
            JsonOutput.Write(Host, document, CliJson.Output.KeepDocument);
        }
        Host.Error.WriteLine($"forgot {Human.Count(result.Confirmed, "stripe")}");
        return LeaseText.Finish(Host, result);
    }
}
