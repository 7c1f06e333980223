using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Client;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>health</c>: how an object is, by the evidence that the nodes have of its blobs, without reading them.</summary>
internal sealed class HealthCommand : ClientCommand
{
    private const long AgeMsMax = 36_525L * 24 * 60 * 60 * 1000; // a century; nodes may say what they like
    private static readonly TimeSpan DefaultMaxAge = TimeSpan.FromDays(8); // the period of a scrub and a day

    private readonly Argument<Capability> _capability = CapabilityArgument("A capability; one that only verifies (mtv1:…) is enough.");
    private readonly DefaultedOption<TimeSpan> _maxAge = CommonOptions.MakeDuration(
        "--max-age", "How old the evidence of a blob may be: when it was stored, re-hashed or audited.", DefaultMaxAge);

    /// <summary>Creates the command.</summary>
    public HealthCommand(CliHost host)
        : base("health", "Say how an object is, by what the nodes last stored, re-hashed and audited, without reading it.", host)
    {
        Add(_capability);
        Add(_maxAge);
        this.AddClientOptions();
    }

    /// <inheritdoc/>
    public override string Notes => """
        Exit codes of health:
          0  every blob of every stripe has evidence younger than --max-age
          1  of some blobs there is none ("unknown"), or nobody holds them ("degraded"); the object can be read as far as is known
          3  a stripe has too few blobs on the nodes that answer

        The evidence is what nodes say of their own blobs and of those that they audited at others; the word of a suspended node counts for
        nothing. `megatorrent verify CAP` reads every blob instead.
        """;

    /// <summary>The exit code for a report.</summary>
    public static int ExitCodeOf(HealthReport report) => report.State switch
    {
        HealthState.Healthy => ExitCodes.Done,
        HealthState.Unreadable => ExitCodes.NotEnoughBlobs,
        _ => ExitCodes.Other,
    };

    /// <summary>The report as JSON shows it.</summary>
    internal static HealthDocument ToDocument(HealthReport report, DateTimeOffset now, double seconds) => new(
        Text(report.State), report.Stripes, report.ByState[HealthState.Healthy], report.ByState[HealthState.Unknown],
        report.ByState[HealthState.Degraded], report.ByState[HealthState.Unreadable], report.Blobs, report.FreshBlobs, report.HeldBlobs,
        report.AuditedBlobs, report.OldestMs / 1000.0, report.OldestMs is { } age ? now - Age(age) : null, report.Silent,
        [
            .. report.Worst.Select(stripe => new StripeHealthEntry(
                stripe.Stripe.ToString(), Text(stripe.State), stripe.Blobs, stripe.Fresh, stripe.Held, stripe.Audited, stripe.OldestMs / 1000.0)),
        ],
        seconds);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        Capability capability = parse.GetRequiredValue(_capability);
        TimeSpan maxAge = _maxAge.Of(parse);
        long start = Host.Time.GetTimestamp();
        HealthReport report = await RunClientAsync(
            parse, cancellationToken, (client, progress, token) => client.HealthAsync(capability, maxAge, progress, token));
        if (Json(parse))
            JsonOutput.Write(Host, ToDocument(report, Host.Time.GetUtcNow(), Seconds(start)), CliJson.Output.HealthDocument);
        else
            Print(report);
        Host.Error.WriteLine(Summary(report, Host.Time.GetUtcNow()));
        return ExitCodeOf(report);
    }

    /// <summary>The report in a line.</summary>
    internal static string Summary(HealthReport report, DateTimeOffset now)
    {
        string oldest = report.OldestMs is { } age ? Human.Elapsed(Age(age)) : "never";
        string silent = report.Silent > 0 ? $"; {Human.Count(report.Silent, "node")} did not answer" : "";
        return report.State switch
        {
            HealthState.Healthy =>
                $"healthy: {Human.Count(report.Blobs, "blob")}, the oldest evidence is {oldest} old, {report.AuditedBlobs} audited by another node",
            HealthState.Unknown => report.OldestMs is { } ms
                ? string.Create(CultureInfo.InvariantCulture, $"warning: unknown since {(now - Age(ms)).UtcDateTime:yyyy-MM-dd HH:mm}Z: ")
                    + $"{Human.Count(report.Blobs - report.FreshBlobs, "blob")} without fresh evidence{silent}"
                : $"warning: unknown: {Human.Count(report.Blobs - report.FreshBlobs, "blob")} without fresh evidence, some without any{silent}",
            HealthState.Degraded =>
                $"warning: degraded: {Human.Count(report.Blobs - report.HeldBlobs, "blob")} on no node that answers; repair adds them{silent}",
            _ => $"error: {Human.Count(report.ByState[HealthState.Unreadable], "stripe")} cannot be read now: too few blobs{silent}",
        };
    }

    private void Print(HealthReport report)
    {
        TextTable table = new("", ">in all", ">fresh", ">held", ">audited");
        table.Add("blobs", Number(report.Blobs), Number(report.FreshBlobs), Number(report.HeldBlobs), Number(report.AuditedBlobs));
        table.Add("stripes", Number(report.Stripes), Number(report.ByState[HealthState.Healthy]));
        table.Write(Host.Out, Host.OutWidth);
        if (report.Worst.Count > 0)
        {
            Host.Out.WriteLine();
            TextTable worst = new("stripe", "state", ">blobs", ">fresh", ">held", "oldest evidence");
            foreach (StripeEvidence stripe in report.Worst)
            {
                worst.Add(
                    stripe.Stripe.ToString(), Text(stripe.State), Number(stripe.Blobs), Number(stripe.Fresh), Number(stripe.Held),
                    stripe.OldestMs is { } age ? Human.Elapsed(Age(age)) : "-");
            }
            worst.Write(Host.Out, int.MaxValue); // a name that was cut is no name
        }
        Host.Out.Flush();

        static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static TimeSpan Age(long milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, AgeMsMax));

    private static string Text(HealthState state) => state switch
    {
        HealthState.Healthy => "healthy",
        HealthState.Unknown => "unknown",
        HealthState.Degraded => "degraded",
        _ => "unreadable",
    };
}
