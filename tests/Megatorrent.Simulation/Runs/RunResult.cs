using Megatorrent.Simulation.Faults;

namespace Megatorrent.Simulation.Runs;

/// <summary>What came of one seed.</summary>
internal sealed record RunResult
{
    public required ulong Seed { get; init; }

    /// <summary>What was violated, "kind: text"; null when nothing was.</summary>
    public string? Violation { get; init; }

    /// <summary>The kind of the violation; null when there is none.</summary>
    public string? Kind => Violation?.Split(':', 2)[0];

    public required long Step { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required ulong Trace { get; init; }

    public required int Nodes { get; init; }

    public required int Objects { get; init; }

    /// <summary>Of these, those that their owner forgot.</summary>
    public required int Forgotten { get; init; }

    public required int Reads { get; init; }

    /// <summary>Reads and puts that failed with an error while faults were on, as they may.</summary>
    public required int Refused { get; init; }

    /// <summary>From the end of the faults to full health; null when that was not waited for.</summary>
    public TimeSpan? HealthAfter { get; init; }

    public required IReadOnlyDictionary<FaultKind, int> Faults { get; init; }

    public required IReadOnlyCollection<string> LastLines { get; init; }

    public double NodeHours => Nodes * Elapsed.TotalHours;
}
