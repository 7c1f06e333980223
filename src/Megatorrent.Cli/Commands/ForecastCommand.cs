using System.CommandLine;
using System.Globalization;
using Megatorrent.Cli.Json;
using Megatorrent.Cli.Terminal;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Storage.Files;

namespace Megatorrent.Cli.Commands;

/// <summary><c>forecast</c>: what a node expects, and why it decided what it did.</summary>
internal sealed class ForecastCommand : CliCommand
{
    private const int Shown = 20; // decisions of the log that people are shown; --json has all

    private readonly Option<string> _data = ClusterCommand.DataOption("The node's directory; the node may be running.");
    private readonly Option<bool> _replay = new("--replay")
    {
        Description = "Make every logged decision again from the recorded history, and say whether the same comes out.",
    };

    /// <summary>Creates the command.</summary>
    public ForecastCommand(CliHost host)
        : base("forecast", "Show what a node expects of its disk, its traffic and the other nodes, and what it decided by that.", host)
    {
        Add(_data);
        Add(_replay);
    }

    /// <inheritdoc/>
    public override string Notes => """
        Exit codes of forecast:
          0  shown; with --replay: no decision came out different     1  one did
        """;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string data = Path.GetFullPath(parse.GetRequiredValue(_data));
        bool replay = parse.GetValue(_replay);
        ForecastDocument document = ToDocument(data, ForecastReport.Read(PhysicalFileSystem.Instance, data), replay);
        if (Json(parse))
            JsonOutput.Write(Host, document, CliJson.Output.ForecastDocument);
        else
            Show(document);
        return Task.FromResult(document.Replayed is { Different: > 0 } ? ExitCodes.Other : ExitCodes.Done);
    }

    private static ForecastDocument ToDocument(string data, ForecastReport report, bool replay)
    {
        int Count(ReplayVerdict verdict) => report.Decisions.Count(decision => decision.Replay == verdict);
        return new ForecastDocument(
            data, report.HistoryHours, ForecastReport.HistoryHoursNeeded, report.Stored.Count > 0, report.LastSample, report.UsedBytes,
            report.WeightPpm / 1e6, Entries(report.Stored), Entries(report.Traffic),
            new ForecastLives(report.Members, report.Failures, report.LifeShape, report.LifeScaleHours, report.ObservedSurvival),
            [.. report.Decisions.Select(decision => new ForecastDecision(
                decision.Time, decision.Kind, decision.Subject, decision.InputsHash, decision.Inputs, decision.Forecast, decision.Bound,
                decision.Outcome, replay ? Word(decision.Replay) : null))],
            replay ? new ForecastReplay(Count(ReplayVerdict.Equal), Count(ReplayVerdict.Different), Count(ReplayVerdict.HistoryGone)) : null);
    }

    private static ForecastEntry[] Entries(IReadOnlyList<ForecastPoint> points) =>
        [.. points.Select(static point => new ForecastEntry(point.Hours, point.Mean, point.Low, point.High))];

    private static string Word(ReplayVerdict verdict) => verdict switch
    {
        ReplayVerdict.Equal => "equal",
        ReplayVerdict.Different => "different",
        _ => "history-gone",
    };

    private void Show(ForecastDocument document)
    {
        Host.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"history  {document.HistoryHours} h, {document.HistoryHoursNeeded} h are needed"
            + $"{(document.Ready ? "" : "; nothing is forecast or decided yet")}"));
        Host.Out.WriteLine($"stored   {Human.Size(document.UsedBytes)}");
        Host.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"weight   {document.WeightShare:P1} of its own"));
        Host.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"lives    {document.Lives.Members} members, {document.Lives.Failures} failed; Weibull with the prior: shape "
            + $"{document.Lives.Shape:F2}, scale {document.Lives.ScaleHours / 8766:F1} years"));
        Table("stored in", document.Stored);
        Table("traffic in", document.Traffic);
        Decisions(document);
        Host.Out.Flush();
    }

    private void Table(string heading, IReadOnlyList<ForecastEntry> entries)
    {
        if (entries.Count == 0)
            return;
        Host.Out.WriteLine();
        TextTable table = new(heading, ">expected", ">low", ">high");
        foreach (ForecastEntry entry in entries)
        {
            table.Add(
                string.Create(CultureInfo.InvariantCulture, $"{entry.Hours} h"), Human.Size(entry.Mean), Human.Size(entry.Low),
                Human.Size(entry.High));
        }
        table.Write(Host.Out, Host.OutWidth);
    }

    private void Decisions(ForecastDocument document)
    {
        Host.Out.WriteLine();
        Host.Out.WriteLine($"{Human.Count(document.Decisions.Count, "decision")} in the log");
        if (document.Decisions.Count == 0)
            return;
        TextTable table = new("time", "about", ">outcome", ">bound", "replay", "forecast");
        foreach (ForecastDecision decision in document.Decisions.TakeLast(Shown))
        {
            string forecast = string.Join(", ", decision.Forecast.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                .Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
            table.Add(
                decision.Time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                decision.Subject.Length > 0 ? $"{decision.Kind} {decision.Subject[..10]}" : decision.Kind,
                decision.Outcome.ToString(CultureInfo.InvariantCulture), decision.Bound.ToString(CultureInfo.InvariantCulture),
                decision.Replay ?? "-", forecast);
        }
        table.Write(Host.Out, Host.OutWidth);
        if (document.Replayed is { } replayed)
        {
            Host.Out.WriteLine();
            Host.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"replayed: {replayed.Equal} equal, {replayed.Different} different, {replayed.HistoryGone} whose history is gone"));
        }
    }
}
