using Megatorrent.Simulation.Faults;

namespace Megatorrent.Simulation.Runs;

/// <summary>
/// Finds a shortest list of faults that still fails, by delta debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
/// input", IEEE TSE 2002.
/// </summary>
internal sealed class Minimiser(ulong seed, RunMode mode)
{
    public int Runs { get; private set; }

    /// <summary>The faults that are left; null when the seed does not fail.</summary>
    public IReadOnlyList<Fault>? Run()
    {
        IReadOnlyList<Fault> plan = new SimulationRun(seed, mode, null, null).Plan;
        if (Failure(plan) is not { } failure)
            return null;
        List<Fault> left = [.. plan];
        for (int parts = 2; left.Count > 0;)
        {
            int size = Math.Max(1, (left.Count + parts - 1) / parts);
            bool shortened = false;
            for (int at = 0; at < left.Count; at += size)
            {
                List<Fault> without = [.. left[..at], .. left[Math.Min(left.Count, at + size)..]];
                if (Failure(without) != failure)
                    continue;
                left = without;
                parts = Math.Max(2, parts - 1);
                shortened = true;
                break;
            }
            if (shortened)
                continue;
            if (size == 1)
                break;
            parts = Math.Min(left.Count, parts * 2);
        }
        return left;
    }

    // The kind of it: another kind is another failure, and no shorter form of this one.
    private string? Failure(IReadOnlyList<Fault> plan)
    {
        Runs++;
        return new SimulationRun(seed, mode, plan, null).Run().Kind;
    }
}
