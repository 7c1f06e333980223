namespace Megatorrent.Cluster.Durability;

/// <summary>What a simulation measured.</summary>
/// <param name="Stripes">Stripes simulated over all trials.</param>
/// <param name="Lost">Of these, lost.</param>
/// <param name="Probability">The measured probability of loss.</param>
/// <param name="Low">The lower end of its confidence interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="Events">Failures, repairs, rot and findings that were played.</param>
internal readonly record struct DurabilityEstimate(long Stripes, long Lost, double Probability, double Low, double High, long Events)
{
    /// <summary>Whether a computed probability lies in the interval.</summary>
    public bool Agrees(double computed) => computed >= Low && computed <= High;
}
