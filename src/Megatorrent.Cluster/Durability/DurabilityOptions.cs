using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Durability;

/// <summary>What the durability of a stripe is computed from. Immutable.</summary>
public sealed record DurabilityOptions
{
    /// <summary>Data and parity blobs.</summary>
    public required Scheme Scheme { get; init; }

    /// <summary>Failures of a node with its data per node and year: a rate, so that more than 1 is allowed.</summary>
    public required double FailuresPerNodeYear { get; init; }

    /// <summary>
    /// From a failure to the blob's return elsewhere, in hours, on the average: detection, grace time and the rebuild. Exponential.
    /// </summary>
    public required double RepairHours { get; init; }

    /// <summary>Nodes that blobs may be on.</summary>
    public required int Nodes { get; init; }

    /// <summary>Failure domains that the nodes are in; 0 for one a node.</summary>
    public int Domains { get; init; }

    /// <summary>Losses of a whole domain with everything in it, per domain and year.</summary>
    public double FailuresPerDomainYear { get; init; }

    /// <summary>Silent damage per blob and year, which only a scrub finds.</summary>
    public double RotPerBlobYear { get; init; }

    /// <summary>Between two scrubs of a blob, in hours; damage is found after half of it on the average. Default 7 days.</summary>
    public double ScrubHours { get; init; } = 7 * 24;

    /// <summary>Blobs that are missing at the beginning, 0 (full strength) to m.</summary>
    public int MissingAtStart { get; init; }

    /// <summary>Years. Default 1.</summary>
    public double Years { get; init; } = 1;

    /// <summary>The annual probability of a failure as a rate a year: −ln(1−p).</summary>
    public static double RateOf(double annualProbability) => -Precise.LogP1(-annualProbability);

    /// <summary>Distinct failure domains.</summary>
    internal int DomainCount => Domains == 0 ? Nodes : Math.Min(Domains, Nodes);

    /// <summary>Blobs that may be missing when a put is acknowledged: m − ⌈m/2⌉.</summary>
    internal int MissingAtPut => Scheme.ParityShards - (Scheme.ParityShards + 1) / 2;

    /// <summary>Checks every value.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: which, and why.</exception>
    internal void Validate()
    {
        Scheme.Validate();
        Positive(FailuresPerNodeYear, "The failure rate");
        Positive(RepairHours, "The repair time");
        Positive(ScrubHours, "The scrub period");
        Positive(Years, "The time");
        if (Nodes < 1 || Domains < 0)
            throw Invalid($"{Nodes} nodes in {Domains} domains hold nothing.");
        if (!(FailuresPerDomainYear >= 0 && RotPerBlobYear >= 0) || double.IsInfinity(FailuresPerDomainYear + RotPerBlobYear))
            throw Invalid("Rates are 0 or more.");
        if (MissingAtStart < 0 || MissingAtStart > Scheme.ParityShards)
            throw Invalid($"A stripe of {Scheme} cannot begin with {MissingAtStart} blobs missing.");
    }

    private static void Positive(double value, string what)
    {
        if (!(value > 0) || double.IsInfinity(value))
            throw Invalid($"{what} must be above 0, not {value}.");
    }

    private static MegatorrentException Invalid(string message) => new(ErrorKind.InvalidArgument, message);
}
