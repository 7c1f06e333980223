namespace Megatorrent.Cluster.Forecast.Numerics;

/// <summary>
/// The survival curve of lifetimes of which some are not over: Kaplan and Meier, "Nonparametric estimation from incomplete
/// observations" (1958), with Greenwood's variance.
/// </summary>
internal static class KaplanMeier
{
    /// <summary>The steps of the curve by age; before the first it is 1. One who is censored at an age counts as at risk at it.</summary>
    public static IReadOnlyList<SurvivalStep> Estimate(IEnumerable<Lifetime> lifetimes)
    {
        Lifetime[] sorted = [.. lifetimes.OrderBy(static life => life.Age)];
        double atRisk = sorted.Sum(static life => life.Weight);
        var steps = new List<SurvivalStep>();
        double survival = 1, greenwood = 0;
        for (int i = 0; i < sorted.Length;)
        {
            double age = sorted[i].Age, failed = 0, left = 0;
            for (; i < sorted.Length && sorted[i].Age == age; i++)
            {
                left += sorted[i].Weight;
                failed += sorted[i].Failed ? sorted[i].Weight : 0;
            }
            if (failed > 0)
            {
                survival *= 1 - failed / atRisk;
                greenwood += failed < atRisk ? failed / (atRisk * (atRisk - failed)) : 0;
                steps.Add(new SurvivalStep(age, atRisk, failed, survival, survival * Math.Sqrt(greenwood)));
            }
            atRisk -= left;
        }
        return steps;
    }
}
