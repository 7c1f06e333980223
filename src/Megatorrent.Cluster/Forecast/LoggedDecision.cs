namespace Megatorrent.Cluster.Forecast;

/// <summary>A decision from a node's log, in plain types.</summary>
/// <param name="Time">When.</param>
/// <param name="Kind">`weight`, `scrub-rate` or `risk`.</param>
/// <param name="Subject">The member that it is about, 64 hexadecimal digits; empty for the node itself.</param>
/// <param name="InputsHash">SHA-256 of what it was made of, 64 hexadecimal digits.</param>
/// <param name="Inputs">The numbers beside the history.</param>
/// <param name="Forecast">What was forecast.</param>
/// <param name="Bound">What it was compared with.</param>
/// <param name="Outcome">A share of the weight in millionths, bytes a second, or 1 for likely to fail.</param>
/// <param name="Replay">What came of making it again.</param>
public sealed record LoggedDecision(
    DateTimeOffset Time, string Kind, string Subject, string InputsHash, IReadOnlyDictionary<string, long> Inputs,
    IReadOnlyDictionary<string, long> Forecast, long Bound, long Outcome, ReplayVerdict Replay);
