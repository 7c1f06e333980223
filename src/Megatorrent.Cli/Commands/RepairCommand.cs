using System.CommandLine;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>repair</c>: brings back the missing and damaged blobs of one object, now.</summary>
internal sealed class RepairCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("A capability; one that only verifies (mtv1:…) is enough.");

    /// <summary>Creates the command.</summary>
    public RepairCommand(CliHost host)
        : base("repair", "Bring back the missing and damaged blobs of an object now, without waiting for the nodes to do it.", host)
    {
        Add(_capability);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Exit codes of repair:
          0  every stripe can be read; where there are too few nodes, a warning says how many blobs are still missing
          3  a stripe has too few blobs left to be repaired
        """;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        long start = Host.Time.GetTimestamp();
        RepairReport report = await RunClientAsync(
            parse, cancellationToken, (client, progress, token) => client.RepairAsync(capability, progress, token));
        if (Json(parse))
        {
            RepairDocument document = new(
                report.Stripes, report.StripesRepaired, report.BlobsRestored, report.StillMissing, report.Unrecoverable, Seconds(start));
            JsonOutput.Write(Host, document, CliJson.Output.RepairDocument);
        }
        Host.Error.WriteLine(
            $"looked at {Human.Count(report.Stripes, "stripe")}, repaired {report.StripesRepaired}, "
            + $"restored {Human.Count(report.BlobsRestored, "blob")} in {Human.Elapsed(Host.Time.GetElapsedTime(start))}");
        if (report.StillMissing > 0)
        {
            string reasons = report.Problems.Count > 0 ? $" ({Printable.Line(string.Join("; ", report.Problems))})" : "";
            Host.Error.WriteLine(
                $"warning: {Human.Count(report.StillMissing, "blob")} still missing{reasons}; more nodes are needed to take them");
        }
        if (report.Unrecoverable == 0)
            return ExitCodes.Done;
        Host.Error.WriteLine(
            $"error: {Human.Count(report.Unrecoverable, "stripe")} cannot be repaired: too few good blobs are left on living nodes");
        return ExitCodes.NotEnoughBlobs;
    }
}
