namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// What a feature of a peer usually is: exponentially weighted mean and mean absolute deviation, and a CUSUM of the standardised values for
/// drifts too slow for one interval to show (Page, "Continuous Inspection Schemes", Biometrika 41, 1954). A value far off moves the mean
/// only by as much as one at the edge, so that an attack does not teach that it is normal. A mutable value; not thread-safe.
/// </summary>
internal struct Baseline
{
    /// <summary>What one new value weighs: half of the past is forgotten in 35 values, six minutes, so that a day's cycle is followed.</summary>
    public const double Alpha = 0.02;

    private const double DeviationToSigma = 1.2533; // of a normal distribution
    private const double Clip = 3;
    private const double DriftSlack = 1; // sigmas above the mean that are no drift
    private const double MaxStep = 4; // sigmas that one value adds to the drift: one outlier alone is none

    private double _mean;
    private double _deviation;
    private bool _begun;

    /// <summary>The usual value.</summary>
    public readonly double Mean => _mean;

    /// <summary>The sum of what lay above the mean, less the slack; 0 where nothing does.</summary>
    public double Drift { get; private set; }

    /// <summary>How many sigmas the value lies above the mean, and then takes it in.</summary>
    /// <param name="value">Of this interval.</param>
    /// <param name="expected">The mean to begin with: that of peers in general.</param>
    /// <param name="leastSigma">What sigma is taken to be at least, so that a constant past makes no small change an alarm.</param>
    /// <param name="learn">False: the value is not taken in, because the peer is flagged.</param>
    public double Add(double value, double expected, double leastSigma, bool learn)
    {
        if (!_begun)
        {
            (_begun, _mean, _deviation) = (true, expected, leastSigma / DeviationToSigma);
        }
        double sigma = Math.Max(leastSigma, _deviation * DeviationToSigma);
        double score = (value - _mean) / sigma;
        Drift = Math.Max(0, Drift + Math.Clamp(score, -MaxStep, MaxStep) - DriftSlack);
        if (learn)
        {
            double clipped = Math.Clamp(value, _mean - (Clip * sigma), _mean + (Clip * sigma));
            _deviation += Alpha * (Math.Abs(clipped - _mean) - _deviation);
            _mean += Alpha * (clipped - _mean);
        }
        return score;
    }

    /// <summary>The drift was told; it begins anew.</summary>
    public void ForgetDrift() => Drift = 0;
}
