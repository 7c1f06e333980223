using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cluster.Durability;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cli.Commands;

/// <summary><c>durability</c>: how likely it is to lose a stripe within a year.</summary>
internal sealed class DurabilityCommand : CliCommand
{
    private readonly DefaultedOption<string> _scheme = new("--scheme", "4+2")
    {
        HelpName = "K+M",
        Description = "Data and parity blobs of a stripe. Default: 4+2.",
        Arity = CommonOptions.LastOne,
        CustomParser = CommonOptions.Token,
    };

    private readonly DefaultedOption<double> _failures = Number(
        "--annual-failure-rate", "The share of nodes that fail with their data in a year.", 0.04);
    private readonly DefaultedOption<double> _repair = Number(
        "--repair-hours", "From a failure until its blobs are made again, in hours, on the average.", 6);
    private readonly DefaultedOption<double> _nodes = Number("--nodes", "Nodes that store.", 12);
    private readonly DefaultedOption<double> _domains = Number("--domains", "Failure domains that they are in; 0: one a node.", 0);
    private readonly DefaultedOption<double> _domainFailures = Number(
        "--domain-failure-rate", "The share of domains that are lost whole in a year.", 0);
    private readonly DefaultedOption<double> _rot = Number("--rot-rate", "Silent damage per blob and year.", 0);
    private readonly DefaultedOption<double> _scrub = Number("--scrub-days", "Days between two scrubs.", 7);
    private readonly DefaultedOption<double> _objects = Number("--objects", "Objects of one stripe each.", 1);

    /// <summary>Creates the command.</summary>
    public DurabilityCommand(CliHost host)
        : base("durability", "Compute how likely a stripe is lost within a year, from failure rate and repair time.", host)
    {
        Add(_scheme);
        foreach (Option option in (Option[])[_failures, _repair, _nodes, _domains, _domainFailures, _rot, _scrub, _objects])
            Add(option);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Notes:
          Computed by a Markov chain: nodes fail independently, repairs take exponential times, and a put counts from k+m and, beside it,
          from the k+⌈m/2⌉ blobs with which it is acknowledged. It leaves out faults of software that many nodes share, errors of
          operators, and nodes that lie. docs/guide/durability.md has the model and the figures of a simulation beside it.
        """;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        double failures = _failures.Of(parse), domains = _domainFailures.Of(parse);
        if (failures >= 1 || domains >= 1)
            throw new MegatorrentException(ErrorKind.InvalidArgument, "an annual failure rate is a share below 1, such as 0.04");
        DurabilityOptions options = new()
        {
            Scheme = Scheme.Parse(_scheme.Of(parse)),
            FailuresPerNodeYear = DurabilityOptions.RateOf(failures),
            RepairHours = _repair.Of(parse),
            Nodes = (int)Math.Min(_nodes.Of(parse), int.MaxValue),
            Domains = (int)Math.Min(_domains.Of(parse), int.MaxValue),
            FailuresPerDomainYear = DurabilityOptions.RateOf(domains),
            RotPerBlobYear = _rot.Of(parse),
            ScrubHours = _scrub.Of(parse) * 24,
        };
        long objects = (long)Math.Clamp(_objects.Of(parse), 1, 1e18);
        double loss = DurabilityModel.LossProbability(options);
        DurabilityDocument document = new(
            options.Scheme.ToString(), options.FailuresPerNodeYear, options.RepairHours, options.Nodes, options.Domains,
            options.FailuresPerDomainYear, options.RotPerBlobYear, options.ScrubHours, loss,
            DurabilityModel.LossProbabilityAtPutMinimum(options),
            options.Scheme.DataShards + (options.Scheme.ParityShards + 1) / 2, Math.Round(-Math.Log10(Math.Max(loss, double.Epsilon)), 2),
            objects, DurabilityModel.AnyOf(loss, objects));
        if (Json(parse))
            JsonOutput.Write(Host, document, CliJson.Output.DurabilityDocument);
        else
            Show(document);
        return Task.FromResult(ExitCodes.Done);
    }

    private void Show(DurabilityDocument document)
    {
        void Line(string what, string value) => Host.Out.WriteLine($"{what,-44}{value}");
        Line("scheme", document.Scheme);
        Line("a stripe is lost within a year", Probability(document.StripeLoss));
        Line("  nines", document.Nines.ToString("0.0", CultureInfo.InvariantCulture));
        Line(string.Create(CultureInfo.InvariantCulture, $"  begun with {document.PutMinimumBlobs} blobs, the least of a put"),
            Probability(document.StripeLossFromPutMinimum));
        Line(string.Create(CultureInfo.InvariantCulture, $"any of {document.Objects} objects is lost, at most"),
            Probability(document.AnyLossAtMost));
        Host.Out.Flush();
    }

    private static string Probability(double value) => value.ToString("0.00e+00", CultureInfo.InvariantCulture);

    private static DefaultedOption<double> Number(string name, string description, double standard) => new(name, standard)
    {
        HelpName = "NUMBER",
        Description = string.Create(CultureInfo.InvariantCulture, $"{description} Default: {standard}."),
        Arity = CommonOptions.LastOne,
        CustomParser = result => Parse(name, result),
    };

    private static double Parse(string name, ArgumentResult result)
    {
        string text = CommonOptions.Token(result);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !(number is >= 0 and < 1e18))
            result.AddError($"{name}: '{text}' is not a number of 0 or more.");
        return number;
    }
}
