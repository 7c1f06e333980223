namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// Watches how often something rare happens: the CUSUM of the log-likelihood ratio of two rates (Page 1954; Moustakides, Annals of
/// Statistics 14, 1986: the quickest for a given rate of false alarms). A mutable value; not thread-safe.
/// </summary>
/// <param name="honest">The share of trials in which it happens to an honest peer, at most.</param>
/// <param name="suspect">The share that is to be found.</param>
internal struct RareEvent(double honest, double suspect)
{
    /// <summary>The sum at which it is an alarm: e^10, 22,000 times likelier the suspect's rate than the honest one.</summary>
    public const double Alarm = 10;

    /// <summary>Milliseconds after which the sum counts half, so that a peer is not suspected for ever of what it did once. 6 h.</summary>
    public const double HalfLifeMs = 6 * 60 * 60 * 1000;

    private const double Ceiling = 2 * Alarm; // so that a peer that has mended its ways is seen to have

    private readonly double _happened = Math.Log(suspect / honest);
    private readonly double _not = Math.Log((1 - suspect) / (1 - honest));

    /// <summary>The sum now.</summary>
    public double Score { get; private set; }

    /// <summary>Time has passed.</summary>
    /// <param name="factor">What is left.</param>
    public void Fade(double factor) => Score *= factor;

    /// <summary>One trial.</summary>
    public void Add(bool happened) => Score = Math.Clamp(Score + (happened ? _happened : _not), 0, Ceiling);
}
