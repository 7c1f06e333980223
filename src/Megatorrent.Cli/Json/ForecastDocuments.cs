namespace Megatorrent.Cli.Json;

/// <summary><c>forecast</c>; <paramref name="Replayed"/> where <c>--replay</c> was given. Rates and sizes are bytes.</summary>
internal sealed record ForecastDocument(
    string Data, int HistoryHours, int HistoryHoursNeeded, bool Ready, DateTimeOffset LastSample, long UsedBytes, double WeightShare,
    IReadOnlyList<ForecastEntry> Stored, IReadOnlyList<ForecastEntry> Traffic, ForecastLives Lives,
    IReadOnlyList<ForecastDecision> Decisions, ForecastReplay? Replayed);

/// <summary>One hour ahead with its 95 % interval.</summary>
internal sealed record ForecastEntry(int Hours, long Mean, long Low, long High);

/// <summary>How long members live: a Weibull distribution of what was observed and of the prior.</summary>
internal sealed record ForecastLives(int Members, int Failures, double Shape, double ScaleHours, double ObservedSurvival);

/// <summary>A logged decision; <paramref name="Replay"/> is equal, different or history-gone.</summary>
internal sealed record ForecastDecision(
    DateTimeOffset Time, string Kind, string Subject, string InputsHash, IReadOnlyDictionary<string, long> Inputs,
    IReadOnlyDictionary<string, long> Forecast, long Bound, long Outcome, string? Replay);

/// <summary>What came of making the logged decisions again.</summary>
internal sealed record ForecastReplay(int Equal, int Different, int HistoryGone);

/// <summary><c>durability</c>. Probabilities are of a loss within a year.</summary>
internal sealed record DurabilityDocument(
    string Scheme, double FailuresPerNodeYear, double RepairHours, int Nodes, int Domains, double FailuresPerDomainYear,
    double RotPerBlobYear, double ScrubHours, double StripeLoss, double StripeLossFromPutMinimum, int PutMinimumBlobs, double Nines,
    long Objects, double AnyLossAtMost);
