using Megatorrent.Core;

namespace Megatorrent.Cluster.Durability;

/// <summary>
/// The probability that a stripe is lost, by a Markov chain of how many of its blobs are missing (docs/guide/durability.md).
/// </summary>
public static class DurabilityModel
{
    /// <summary>Hours of a year.</summary>
    public const double HoursPerYear = 365.25 * 24;

    /// <summary>The probability that one stripe is lost within the time that the options name.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: an option.</exception>
    public static double LossProbability(DurabilityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var states = new Dictionary<(int Failed, int Rotten), int>();
        int rottenMax = options.RotPerBlobYear > 0 ? options.Scheme.ParityShards : 0;
        for (int failed = 0; failed <= options.Scheme.ParityShards; failed++)
        {
            for (int rotten = 0; rotten <= Math.Min(rottenMax, options.Scheme.ParityShards - failed); rotten++)
                states.Add((failed, rotten), states.Count);
        }
        var chain = new MarkovChain(states.Count);
        foreach (((int failed, int rotten), int state) in states)
            AddMoves(chain, options, states, failed, rotten, state);
        return chain.AbsorbedBy(states[(options.MissingAtStart, 0)], options.Years);
    }

    /// <summary>
    /// The probability that a stripe that was acknowledged with as few blobs as the put rule allows (k+⌈m/2⌉) is lost.
    /// </summary>
    /// <exception cref="MegatorrentException">InvalidArgument: an option.</exception>
    public static double LossProbabilityAtPutMinimum(DurabilityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return LossProbability(options with { MissingAtStart = options.MissingAtPut });
    }

    /// <summary>The probability that any of several stripes is lost, were they lost independently of each other: an upper bound.</summary>
    /// <param name="loss">Of one.</param>
    /// <param name="stripes">How many.</param>
    public static double AnyOf(double loss, long stripes) => loss >= 1 ? 1 : -Precise.ExpM1(stripes * Precise.LogP1(-loss));

    /// <summary>
    /// The mean time until a stripe of the pure birth and death chain (no domains, no rot) is lost, in years, by the closed recursion
    /// h(i) = (1 + repair(i)·h(i−1)) / failure(i), all of it sums of positive numbers.
    /// </summary>
    /// <exception cref="MegatorrentException">InvalidArgument: an option.</exception>
    public static double MeanYearsToLoss(DurabilityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        double repair = HoursPerYear / options.RepairHours, step = 0, sum = 0;
        for (int missing = 0; missing <= options.Scheme.ParityShards; missing++)
        {
            step = (1 + missing * repair * step) / ((options.Scheme.TotalShards - missing) * options.FailuresPerNodeYear);
            sum += step;
        }
        return sum;
    }

    private static void AddMoves(
        MarkovChain chain, DurabilityOptions options, Dictionary<(int Failed, int Rotten), int> states, int failed, int rotten, int state)
    {
        int good = options.Scheme.TotalShards - failed - rotten;
        Group(options.Nodes, options.FailuresPerNodeYear);
        if (options.FailuresPerDomainYear > 0)
            Group(options.DomainCount, options.FailuresPerDomainYear);
        chain.Add(state, To(failed, rotten + 1), good * options.RotPerBlobYear);
        if (failed > 0)
            chain.Add(state, To(failed - 1, rotten), failed * HoursPerYear / options.RepairHours);
        if (rotten > 0)
        {
            double found = HoursPerYear / (options.ScrubHours / 2);
            double lost = options.FailuresPerNodeYear + options.FailuresPerDomainYear; // a rotten blob can be lost as any other
            chain.Add(state, To(failed + 1, rotten - 1), rotten * (found + lost));
        }

        // Blobs that fail together: one each while there are groups enough. Where several share one, every failure is taken to hit as many
        // as a group can hold, of as many groups as can still hold any: an upper bound.
        void Group(int groups, double rate)
        {
            int together = Placement.QuotaPerDomain(options.Scheme.TotalShards, groups);
            int hit = Math.Min(good, (options.Scheme.TotalShards + together - 1) / together);
            chain.Add(state, To(failed + Math.Min(together, good), rotten), hit * rate);
        }

        int To(int toFailed, int toRotten) => states.GetValueOrDefault((toFailed, toRotten), MarkovChain.Absorbed);
    }
}
