namespace Megatorrent.Cluster.Forecast;

/// <summary>Work in the background poured over a forecast load.</summary>
internal static class RatePlan
{
    /// <summary>
    /// Rates between floor and ceiling whose sum is at least what is needed: every stretch is filled up to the same level of load and work
    /// together, which is found by bisection. Where even the ceiling everywhere is too little, it is the ceiling everywhere.
    /// </summary>
    /// <param name="load">The forecast load of each stretch.</param>
    /// <param name="needed">What the rates must come to in sum.</param>
    /// <param name="floor">The least rate.</param>
    /// <param name="ceiling">The most; at least <paramref name="floor"/>.</param>
    public static double[] Fill(ReadOnlySpan<double> load, double needed, double floor, double ceiling)
    {
        double low = 0, high = ceiling;
        foreach (double here in load)
            high = Math.Max(high, here + ceiling);
        var rates = new double[load.Length];
        for (int i = 0; i < 100 && high - low > 1e-9 * high; i++)
        {
            double level = (low + high) / 2;
            if (Pour(load, level, floor, ceiling, rates) >= needed)
                high = level;
            else
                low = level;
        }
        Pour(load, high, floor, ceiling, rates);
        return rates;
    }

    private static double Pour(ReadOnlySpan<double> load, double level, double floor, double ceiling, double[] rates)
    {
        double sum = 0;
        for (int i = 0; i < rates.Length; i++)
            sum += rates[i] = Math.Clamp(level - load[i], floor, ceiling);
        return sum;
    }
}
