namespace Megatorrent.Bench.Transport;

/// <summary>How an engine did under a load.</summary>
/// <param name="Answers">Answers of all connections together.</param>
/// <param name="Seconds">The time that they took.</param>
/// <param name="ProcessorSeconds">Of both ends, user and system.</param>
/// <param name="Allocated">Bytes of memory, at both ends.</param>
internal readonly record struct Figure(double Answers, double Seconds, double ProcessorSeconds, double Allocated)
{
    public double Rate => Answers / Seconds;

    public double ProcessorSecondsPerAnswer => ProcessorSeconds / Answers;

    public double AllocatedPerAnswer => Allocated / Answers;

    public static Figure operator +(Figure left, Figure right) => new(
        left.Answers + right.Answers, left.Seconds + right.Seconds, left.ProcessorSeconds + right.ProcessorSeconds,
        left.Allocated + right.Allocated);

    /// <summary>One whose rate, and what an answer costs, are the medians.</summary>
    public static Figure Median(IReadOnlyList<Figure> figures) => new(
        1, 1 / Figures.Median(figures.Select(static figure => figure.Rate)),
        Figures.Median(figures.Select(static figure => figure.ProcessorSecondsPerAnswer)),
        Figures.Median(figures.Select(static figure => figure.AllocatedPerAnswer)));
}
