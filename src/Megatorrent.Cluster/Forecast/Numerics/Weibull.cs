namespace Megatorrent.Cluster.Forecast.Numerics;

/// <summary>
/// A Weibull distribution of lifetimes: the hazard falls with age where the shape is below 1 (early failures), rises where it is above 1
/// (wear).
/// </summary>
/// <param name="Shape">Above 0.</param>
/// <param name="Scale">The age that 1/e survive, in the unit of the ages.</param>
internal readonly record struct Weibull(double Shape, double Scale)
{
    private const double ShapeMin = 0.05; // outside of these bounds the data say next to nothing
    private const double ShapeMax = 50;

    /// <summary>The cumulative hazard up to an age: −ln of the survival.</summary>
    public double Hazard(double age) => Math.Pow(Math.Max(0, age) / Scale, Shape);

    /// <summary>The probability to live past an age.</summary>
    public double Survival(double age) => Math.Exp(-Hazard(age));

    /// <summary>The probability that one that has reached an age fails within the next period.</summary>
    /// <param name="age">Its age.</param>
    /// <param name="period">How far ahead.</param>
    /// <param name="hazardFactor">How many times the usual hazard it is under (proportional hazards; Cox 1972).</param>
    public double FailureWithin(double age, double period, double hazardFactor = 1)
    {
        double exponent = hazardFactor * (Hazard(age + period) - Hazard(age));
        return exponent < 1e-8 ? exponent : 1 - Math.Exp(-exponent); // below, 1−e^−x is x to the last digit that counts
    }

    /// <summary>The distribution under which what was observed is most likely, by bisection of the profile score of the shape.</summary>
    /// <param name="lifetimes">Ages above 0; at least one failed.</param>
    /// <exception cref="ArgumentException">Nothing failed, or an age is not positive.</exception>
    public static Weibull Fit(IReadOnlyList<Lifetime> lifetimes)
    {
        double failures = 0, longest = 0;
        foreach (Lifetime life in lifetimes)
        {
            if (!(life.Age > 0))
                throw new ArgumentException($"An age of {life.Age} is none.", nameof(lifetimes));
            failures += life.Failed ? life.Weight : 0;
            longest = Math.Max(longest, life.Age);
        }
        if (failures <= 0)
            throw new ArgumentException("Of lifetimes without a failure the best fit is immortality.", nameof(lifetimes));

        double low = ShapeMin, high = ShapeMax; // the score falls with the shape
        for (int i = 0; i < 200 && high - low > 1e-12 * low; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (Score(lifetimes, middle, longest, failures) > 0)
                low = middle;
            else
                high = middle;
        }
        double shape = Math.Sqrt(low * high);
        double sum = 0;
        foreach (Lifetime life in lifetimes)
            sum += life.Weight * Math.Pow(life.Age / longest, shape);
        return new Weibull(shape, longest * Math.Pow(sum / failures, 1 / shape));
    }

    // d/dk of the log-likelihood with the best scale for k: 1/k + mean of ln t over the failed − Σ t^k ln t / Σ t^k over all.
    private static double Score(IReadOnlyList<Lifetime> lifetimes, double shape, double longest, double failures)
    {
        double sum = 0, weighted = 0, logs = 0;
        foreach (Lifetime life in lifetimes)
        {
            double relative = life.Age / longest, log = Math.Log(relative);
            double power = life.Weight * Math.Pow(relative, shape);
            sum += power;
            weighted += power * log;
            logs += life.Failed ? life.Weight * log : 0;
        }
        return 1 / shape + logs / failures - weighted / sum;
    }
}
