namespace Megatorrent.Network.Health;

/// <summary>
/// Quantiles of a stream of positive numbers in fixed memory: four buckets an octave, so that a quantile is right within 19 %, and all
/// counts are halved when they add up to <see cref="MaxWeight"/>, so that the last few hundred values decide. Not thread-safe.
/// </summary>
internal sealed class LogHistogram
{
    /// <summary>The sum of counts at which the past is halved: the half-life is half of this many values.</summary>
    public const int MaxWeight = 512;

    private const int BucketsPerOctave = 4;
    private const int Octaves = 28;

    private readonly float[] _counts = new float[BucketsPerOctave * Octaves];
    private readonly double _least;

    /// <summary>An empty histogram.</summary>
    /// <param name="least">Values up to this one are counted as equal; those above it times 2^28, too.</param>
    public LogHistogram(double least) => _least = least;

    /// <summary>Values counted, older ones less.</summary>
    public double Weight { get; private set; }

    /// <summary>Counts a value.</summary>
    public void Add(double value)
    {
        int bucket = value <= _least ? 0 : (int)Math.Min(_counts.Length - 1, Math.Log2(value / _least) * BucketsPerOctave);
        _counts[bucket]++;
        if (++Weight < MaxWeight)
            return;
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] /= 2;
        Weight /= 2;
    }

    /// <summary>The upper edge of the bucket in which the quantile lies; 0 when nothing was counted.</summary>
    public double Quantile(double share)
    {
        if (Weight <= 0)
            return 0;
        double left = share * Weight;
        for (int i = 0; i < _counts.Length; i++)
        {
            left -= _counts[i];
            if (left <= 0 && _counts[i] > 0)
                return UpperEdge(i);
        }
        return UpperEdge(_counts.Length - 1);
    }

    private double UpperEdge(int bucket) => _least * double.Exp2((bucket + 1.0) / BucketsPerOctave);
}
