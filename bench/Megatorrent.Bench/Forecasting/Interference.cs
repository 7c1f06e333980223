using System.Globalization;

namespace Megatorrent.Bench.Forecasting;

/// <summary>
/// What work in the background costs the foreground on one disk: the mean time of a request in the system as in M/M/1, 1/(1−ρ) in units of
/// the service time, with and without it, over the bytes of the foreground.
/// </summary>
/// <param name="capacity">What the disk can do.</param>
internal sealed class Interference(double capacity)
{
    private const double Busiest = 0.99; // a queue that only grows is counted as this, not as without end

    private double _with;
    private double _without;
    private double _work;
    private double _foreground;

    public double Work => _work;

    public void Add(double load, double rate)
    {
        double alone = 1 / (1 - Math.Min(Busiest, load / capacity));
        double together = 1 / (1 - Math.Min(Busiest, (load + rate) / capacity));
        _without += load * alone;
        _with += load * together;
        _work += rate;
        _foreground += load;
    }

    /// <summary>Per cent that a request takes longer on the average.</summary>
    public double Slower => _foreground == 0 ? 0 : (_with / _without - 1) * 100;

    public override string ToString() => Slower.ToString("0.0", CultureInfo.InvariantCulture);
}
