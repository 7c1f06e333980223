using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>leases</c>: who keeps an object.</summary>
internal sealed class LeasesCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("A capability; one that only verifies (mtv1:…) is enough.");

    /// <summary>Creates the command.</summary>
    public LeasesCommand(CliHost host)
        : base("leases", "Show who keeps an object and until when, one owner a line; leases that have ended too.", host)
    {
        Add(_capability);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        IReadOnlyList<LeaseInfo> leases = await RunClientAsync(
            parse, cancellationToken, (client, _, token) => client.LeasesAsync(capability, token));
        if (Json(parse))
        {
            LeasesDocument document = new(
                leases.Any(static lease => lease.IsLiving),
                [.. leases.Select(static lease =>
                    new LeaseEntry(lease.Owner.ToString(), lease.IsMine, lease.IsLiving, lease.Expires, lease.Holders))]);
            JsonOutput.Write(Host, document, CliJson.Output.LeasesDocument);
            return ExitCodes.Done;
        }
        foreach (LeaseInfo lease in leases)
        {
            string until = lease.Expires is { } expires
                ? $"{(lease.IsLiving ? "until" : "ended")} {expires.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"
                : "for ever";
            Host.Out.WriteLine($"{lease.Owner}  {until}  {Human.Count(lease.Holders, "node")}{(lease.IsMine ? "  (you)" : "")}");
        }
        if (leases.Count == 0)
            Host.Error.WriteLine("nobody keeps this object, nor ever did as far as the nodes know");
        return ExitCodes.Done;
    }
}
