using Megatorrent.Core.Manifests;
using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Clusters;

/// <summary>What a seed makes of the cluster: its size, its scheme, its times.</summary>
internal sealed record SimSettings
{
    public required Scheme Scheme { get; init; }

    /// <summary>The failure domain of each first node.</summary>
    public required string[] Domains { get; init; }

    public required int GraceMs { get; init; }

    public required long RepairPeriodMs { get; init; }

    /// <summary>From the end of a stripe's leases, and from its last store, to its collection.</summary>
    public required int SafetyMs { get; init; }

    public required long SegmentBytes { get; init; }

    public required long CheckpointBytes { get; init; }

    /// <summary>How long faults are injected.</summary>
    public required TimeSpan FaultTime { get; init; }

    /// <summary>The most by which a node's date is wrong.</summary>
    public required int SkewMs { get; init; }

    /// <summary>The most by which a node's clock is fast or slow.</summary>
    public required double Drift { get; init; }

    /// <summary>Whether the nodes' clocks agree well enough for the collection.</summary>
    public bool AreClocksRight => SkewMs <= 1000 && Drift <= 0.001;

    public static SimSettings Draw(ulong seed)
    {
        SimRandom random = SimRandom.Of(seed, "settings");
        Scheme scheme = random.Pick([new Scheme(2, 1), new Scheme(2, 2), new Scheme(3, 2), new Scheme(2, 2), new Scheme(4, 2)]);
        int domains = scheme.TotalShards + random.Below(2);
        int nodes = Math.Min(9, domains + random.Below(3));
        return new SimSettings
        {
            Scheme = scheme,
            Domains = [.. Enumerable.Range(0, nodes).Select(node => $"site-{node % domains}")],
            GraceMs = random.Between(10, 40) * 1000,
            RepairPeriodMs = 3_600_000,
            SafetyMs = SimRandom.Of(seed, "safety").Between(8, 40) * 1000,
            SegmentBytes = random.Between(64, 512) * 1024,
            CheckpointBytes = random.Between(64, 1024) * 1024,
            FaultTime = TimeSpan.FromSeconds(random.Between(60, 200)),
            SkewMs = random.Chance(0.5) ? random.Between(0, 3_600_000) : 100,
            Drift = random.Chance(0.3) ? 0.01 : 0.0001,
        };
    }
}
