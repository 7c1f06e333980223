using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Faults;

/// <summary>Draws what goes wrong in a run.</summary>
internal static class FaultPlan
{
    private static readonly (FaultKind Kind, int Weight)[] Weights =
    [
        (FaultKind.Kill, 6), (FaultKind.PowerLoss, 8), (FaultKind.CrashAtWrite, 10), (FaultKind.MassPowerLoss, 3), (FaultKind.RollingRestart, 2),
        (FaultKind.SiteOutage, 4), (FaultKind.SiteLoss, 3), (FaultKind.DiskLoss, 4), (FaultKind.Replace, 4), (FaultKind.Rot, 6),
        (FaultKind.LosePart, 4), (FaultKind.Partition, 6), (FaultKind.HalfPartition, 5), (FaultKind.SlowLink, 5), (FaultKind.Loss, 3),
        (FaultKind.Reset, 4), (FaultKind.Replay, 2), (FaultKind.SlowDisk, 4), (FaultKind.FullDisk, 4), (FaultKind.DiskErrors, 4),
        (FaultKind.ClockJump, 3), (FaultKind.Stall, 4), (FaultKind.Liar, 5), (FaultKind.Join, 2), (FaultKind.Compact, 4),
    ];

    /// <summary>The faults of a run, in order of time. A seed uses some of the kinds only, so that each gets room.</summary>
    public static List<Fault> Draw(ulong seed, TimeSpan duration)
    {
        SimRandom random = SimRandom.Of(seed, "faults");
        int kinds = random.Between(2, 8);
        var chosen = new List<(FaultKind Kind, int Weight)>();
        while (chosen.Count < kinds)
        {
            (FaultKind Kind, int Weight) candidate = PickWeighted(random, Weights);
            if (!chosen.Contains(candidate))
                chosen.Add(candidate);
        }

        int count = random.Between(2, Math.Max(3, (int)(duration.TotalSeconds / 8)));
        var plan = new List<Fault>();
        for (int i = 0; i < count; i++)
        {
            FaultKind kind = PickWeighted(random, chosen).Kind;
            TimeSpan at = TimeSpan.FromSeconds(2 + (random.Fraction() * (duration.TotalSeconds - 2)));
            // Short ones are over before anybody is declared dead; long ones outlast the grace time.
            double seconds = random.Chance(0.5) ? 0.1 + (6 * random.Fraction()) : 5 + (70 * random.Fraction());
            plan.Add(new Fault(0, at, kind, random.Below(1_000_000), random.Below(1_000_000), TimeSpan.FromSeconds(seconds)));
        }
        plan.Sort(static (left, right) => left.At.CompareTo(right.At));
        return [.. plan.Select(static (fault, i) => fault with { Number = i })];
    }

    private static (FaultKind Kind, int Weight) PickWeighted(SimRandom random, IReadOnlyList<(FaultKind Kind, int Weight)> from)
    {
        int at = random.Below(from.Sum(static item => item.Weight));
        foreach ((FaultKind Kind, int Weight) item in from)
        {
            at -= item.Weight;
            if (at < 0)
                return item;
        }
        return from[^1];
    }
}
