using Megatorrent.Core;

namespace Megatorrent.Cluster.Forecast;

/// <summary>What a node decides by forecast, and within which bounds (docs/spec/forecast.md). Immutable.</summary>
public sealed record ForecastOptions
{
    /// <summary>Whether forecasts decide anything; they are made and shown all the same. Default true.</summary>
    public bool Decides { get; init; } = true;

    /// <summary>How far ahead the fill of the disk is looked at, in hours. Default 168: a week is long enough to add a disk.</summary>
    public int HorizonHours { get; init; } = 168;

    /// <summary>The share of the capacity that the disk shall not pass, in millionths. Default 900,000.</summary>
    public long FillLimitPpm { get; init; } = 900_000;

    /// <summary>The least share of its own weight that a node advertises, in millionths. Default 50,000.</summary>
    public long WeightFloorPpm { get; init; } = 50_000;

    /// <summary>How far ahead a failure is looked for, in hours. Default 720.</summary>
    public int RiskHours { get; init; } = 720;

    /// <summary>
    /// The probability of a failure within that time, in millionths, from which a member counts as likely to fail; it stops below half of
    /// it. Default 50,000.
    /// </summary>
    public long RiskBoundPpm { get; init; } = 50_000;

    /// <summary>Bytes a second that a scrub is never slowed below. Default 1 MiB/s.</summary>
    public long ScrubFloorBytesPerSecond { get; init; } = 1L << 20;

    /// <summary>Hours that one scrub of the store may be spread over, at the node's scrub rate at the most. Default 24: one daily cycle.</summary>
    public int ScrubPassHours { get; init; } = 24;

    /// <summary>Checks every value.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument.</exception>
    internal void Validate()
    {
        bool good = HorizonHours is >= 1 and <= 24 * 60
            && FillLimitPpm is > 0 and <= DecisionRules.Whole
            && WeightFloorPpm is > 0 and <= DecisionRules.Whole
            && RiskHours is >= 1 and <= 24 * 366
            && RiskBoundPpm is > 0 and <= DecisionRules.Whole
            && ScrubFloorBytesPerSecond >= 0
            && ScrubPassHours is >= 1 and <= 24 * 366;
        if (!good)
            throw new MegatorrentException(ErrorKind.InvalidArgument, "A bound of the forecasts is out of its range.");
    }
}
