namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// What this node has seen itself of one member: sums that fade with a half-life. Not thread-safe. The formulas are those of
/// docs/spec/reputation.md, "Direct score".
/// </summary>
internal sealed class DirectRecord
{
    /// <summary>How many good blobs one wrong blob outweighs: one wrong in a hundred costs a third of the score.</summary>
    public const double WrongWeight = 50;

    /// <summary>The same for one withheld: it may have been lost honestly, and repair may have moved it.</summary>
    public const double WithheldWeight = 5;

    /// <summary>The amount of evidence at which a node believes itself and others half and half.</summary>
    public const double HalfEvidence = 5;

    /// <summary>How many sums there are.</summary>
    public const int SumCount = 11;

    private const double RightPrior = 10; // blobs that everybody is taken to have served well before any was seen
    private const double WatchedPriorSeconds = 60;
    private const double AnsweredPrior = 4;
    private const double LatencyScaleMs = 250; // a time to the first byte that halves the score for latency
    private const double RateScale = 8.0 * 1024 * 1024; // bytes a second that make half of the score for rate
    private const double SecondsPerEvidence = 600;
    private const double RequestsPerEvidence = 20;
    private const double BlobsPerEvidence = 10;

    // The sums by their place; in the file they stand in this order.
    private const int Up = 0, Watched = 1, Answered = 2, Failed = 3, Right = 4, Wrong = 5, Withheld = 6;
    private const int LatencySum = 7, LatencyCount = 8, RateSum = 9, RateCount = 10;

    private readonly double[] _sums = new double[SumCount];

    /// <summary>When this node first saw the member.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>To when the sums are faded.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>The sums, for the file.</summary>
    public Span<double> Sums => _sums;

    /// <summary>Share of the time that it lived, times the share of requests that it answered.</summary>
    public double Availability => Share(_sums[Up], _sums[Watched], WatchedPriorSeconds)
        * Share(_sums[Answered], _sums[Answered] + _sums[Failed], AnsweredPrior);

    /// <summary>Share of blobs that were right, wrong and withheld ones counted many times.</summary>
    public double Correctness =>
        Share(_sums[Right], _sums[Right] + (WrongWeight * _sums[Wrong]) + (WithheldWeight * _sums[Withheld]), RightPrior);

    /// <summary>1 for no latency, one half for 250 ms to the first byte; one half when nothing was measured.</summary>
    public double Latency => (_sums[LatencySum] + 0.5) / (_sums[LatencyCount] + 1);

    /// <summary>1 for an endless rate, one half for 8 MiB/s; one half when nothing was measured.</summary>
    public double Rate => (_sums[RateSum] + 0.5) / (_sums[RateCount] + 1);

    /// <summary>The direct score: who is never wrong and always there is between 0.6 and 1, by latency and rate.</summary>
    public double Score => Correctness * Availability * (0.6 + (0.25 * Latency) + (0.15 * Rate));

    /// <summary>How much was seen, in the unit of <see cref="HalfEvidence"/>.</summary>
    public double Evidence => (_sums[Watched] / SecondsPerEvidence) + ((_sums[Answered] + _sums[Failed]) / RequestsPerEvidence)
        + ((_sums[Right] + (WrongWeight * _sums[Wrong]) + (WithheldWeight * _sums[Withheld])) / BlobsPerEvidence);

    /// <summary>How far this node believes itself, 0 to below 1.</summary>
    public double Confidence => Evidence / (Evidence + HalfEvidence);

    /// <summary>Lets the sums fade up to now.</summary>
    public void FadeTo(DateTimeOffset now, TimeSpan halfLife)
    {
        if (now <= At)
            return;
        double factor = double.Exp2(-(now - At) / halfLife);
        foreach (ref double sum in _sums.AsSpan())
            sum *= factor;
        At = now;
    }

    /// <summary>The member was seen for a time, of which it lived a part.</summary>
    public void Lived(TimeSpan time, double share)
    {
        _sums[Up] += time.TotalSeconds * share;
        _sums[Watched] += time.TotalSeconds;
    }

    /// <summary>Requests were answered, or failed; with the median latency and rate of the answers, 0 where none was measured.</summary>
    public void Requested(long answered, long failed, double firstByteMs, double bytesPerSecond)
    {
        _sums[Answered] += answered;
        _sums[Failed] += failed;
        double weight = answered + failed;
        if (firstByteMs > 0)
        {
            _sums[LatencySum] += weight * LatencyScaleMs / (LatencyScaleMs + firstByteMs);
            _sums[LatencyCount] += weight;
        }
        if (bytesPerSecond > 0)
        {
            _sums[RateSum] += weight * bytesPerSecond / (bytesPerSecond + RateScale);
            _sums[RateCount] += weight;
        }
    }

    /// <summary>A blob was right, wrong or withheld.</summary>
    public void Observed(PeerEvidence evidence) => _sums[Right + (int)evidence]++;

    // A share, near 1 while little was counted.
    private static double Share(double part, double whole, double prior) => (part + prior) / (whole + prior);
}
