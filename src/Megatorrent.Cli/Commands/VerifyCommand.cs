using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>verify</c>: reads and hashes every blob of an object, parity too.</summary>
internal sealed class VerifyCommand : ClientCommand
{
    private readonly Argument<Capability> _capability = CapabilityArgument("A capability; one that only verifies (mtv1:…) is enough.");

    /// <summary>Creates the command.</summary>
    public VerifyCommand(CliHost host)
        : base("verify", "Read and hash every blob of an object, parity too, and say what is damaged or missing.", host)
    {
        Add(_capability);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Exit codes of verify:
          0  every blob that is there is good; some may be missing (then a warning says so, and "healthy" is false in JSON)
          4  damaged blobs were found, named with their node; the object can still be read
          3  a stripe has too few good blobs: the object, or part of it, cannot be read now
        """;

    /// <summary>The exit code for a report.</summary>
    public static int ExitCodeOf(VerifyReport report)
    {
        if (!report.Recoverable)
            return ExitCodes.NotEnoughBlobs;
        return report.BadBlobs.Count > 0 ? ExitCodes.Integrity : ExitCodes.Done;
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        long start = Host.Time.GetTimestamp();
        VerifyReport report = await RunClientAsync(
            parse, cancellationToken, (client, progress, token) => client.VerifyAsync(capability, progress, token));
        if (Json(parse))
            JsonOutput.Write(Host, ToDocument(report, Seconds(start)), CliJson.Output.VerifyDocument);
        else
            Print(report);
        Tell(report, Host.Time.GetElapsedTime(start));
        return ExitCodeOf(report);
    }

    private void Print(VerifyReport report)
    {
        TextTable table = new("", ">in all", ">good", ">missing", ">damaged");
        table.Add("blobs", Text(report.Blobs), Text(report.GoodBlobs), Text(report.MissingBlobs), Text(report.BadBlobs.Count));
        table.Add("stripes", Text(report.Stripes), Text(report.HealthyStripes));
        table.Write(Host.Out, Host.OutWidth);
        if (report.BadBlobs.Count > 0)
        {
            Host.Out.WriteLine();
            TextTable bad = new("damaged blob", "node", "endpoint", "problem");
            foreach (BadBlob blob in report.BadBlobs)
                bad.Add(blob.Blob.ToString(), blob.Node.ToShortString(), blob.Endpoint, blob.Problem);
            bad.Write(Host.Out, int.MaxValue); // a name that was cut is no name
        }
        Host.Out.Flush();

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private void Tell(VerifyReport report, TimeSpan elapsed)
    {
        string time = $"in {Human.Elapsed(elapsed)}";
        string missing = Human.Count(report.MissingBlobs, "blob");
        if (!report.Recoverable)
        {
            string few = Human.Count(-report.LowestMargin, "blob");
            Host.Error.WriteLine($"error: not recoverable now: a stripe is {few} short, {time}; more nodes may have to come back");
        }
        else if (report.Healthy)
        {
            string margin = Human.Count(report.LowestMargin, "blob");
            Host.Error.WriteLine(
                $"healthy: {Human.Count(report.GoodBlobs, "blob")} read and hashed {time}; any {margin} of a stripe may be lost");
        }
        else if (report.BadBlobs.Count > 0)
        {
            string damaged = Human.Count(report.BadBlobs.Count, "damaged blob");
            Host.Error.WriteLine($"error: {damaged}, {missing} missing, recoverable, {time}; `megatorrent repair CAP` replaces them");
        }
        else
        {
            Host.Error.WriteLine(
                $"warning: {missing} missing, recoverable, {time}; repair adds them, `megatorrent repair CAP` at once");
        }
    }

    /// <summary>The report as JSON shows it.</summary>
    internal static VerifyDocument ToDocument(VerifyReport report, double seconds) => new(
        report.Healthy, report.Recoverable, report.Stripes, report.HealthyStripes, report.Blobs, report.GoodBlobs, report.MissingBlobs,
        report.LowestMargin,
        [.. report.BadBlobs.Select(blob =>
            new BadBlobEntry(blob.Blob.ToString(), blob.Node.ToString(), blob.Endpoint, blob.Stripe.ToString(), blob.Problem))],
        seconds);
}
