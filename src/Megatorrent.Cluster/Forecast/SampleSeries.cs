using System.Buffers.Binary;
using Megatorrent.Core;

namespace Megatorrent.Cluster.Forecast;

/// <summary>A bounded run of samples, one a stretch; the oldest go first. Not thread-safe.</summary>
/// <param name="stretchMs">The length of a stretch, in milliseconds.</param>
/// <param name="samplesMax">Samples kept.</param>
internal sealed class SampleSeries(long stretchMs, int samplesMax)
{
    private const int SampleLength = 4 * sizeof(long);
    private const double MissingMax = 0.25; // share of a series that may be filled in; with more, it would be a forecast of guesses

    private readonly List<ForecastSample> _samples = [];

    /// <summary>The samples, oldest first.</summary>
    public IReadOnlyList<ForecastSample> Samples => _samples;

    /// <summary>The longest encoding, in bytes.</summary>
    public int EncodedLengthMax => samplesMax * SampleLength;

    /// <summary>
    /// Adds what was measured at a moment: a new stretch, or more of the last one. What is older than the last stretch (a clock that was
    /// set back) is left out.
    /// </summary>
    public void Add(long nowMs, long usedBytes, long foregroundBytes, long damage)
    {
        long start = nowMs - nowMs % stretchMs;
        ForecastSample last = _samples.Count > 0 ? _samples[^1] : new ForecastSample(-1, 0, 0, 0);
        if (start < last.StartMs)
            return;
        if (start == last.StartMs)
        {
            _samples[^1] = new ForecastSample(start, usedBytes, last.ForegroundBytes + foregroundBytes, last.Damage + damage);
            return;
        }
        _samples.Add(new ForecastSample(start, usedBytes, foregroundBytes, damage));
        if (_samples.Count > samplesMax)
            _samples.RemoveRange(0, _samples.Count - samplesMax);
    }

    /// <summary>Leaves out what was measured after a moment: the clock was wrong then, or is wrong now.</summary>
    /// <returns>How many samples that were.</returns>
    public int DropAfter(long timeMs) => _samples.RemoveAll(sample => sample.StartMs > timeMs);

    /// <summary>
    /// The values of the whole stretches before a moment, without gaps: what is missing is filled in along a straight line.
    /// </summary>
    /// <param name="untilMs">The moment; a stretch that is not over then does not count.</param>
    /// <param name="most">How many at the most; the latest are taken.</param>
    /// <param name="value">Which value.</param>
    /// <returns>Oldest first; empty when more than a quarter would be filled in.</returns>
    public double[] Values(long untilMs, int most, Func<ForecastSample, double> value)
    {
        long end = untilMs - untilMs % stretchMs; // the first stretch that does not count
        ForecastSample[] known = [.. _samples.Where(sample => sample.StartMs < end && sample.StartMs >= end - most * stretchMs)];
        if (known.Length == 0)
            return [];
        var values = new double[(known[^1].StartMs - known[0].StartMs) / stretchMs + 1];
        if (known.Length < values.Length * (1 - MissingMax) || end - known[^1].StartMs > 2 * stretchMs)
            return [];
        int at = 0;
        for (int i = 0; i < values.Length; i++)
        {
            long start = known[0].StartMs + i * stretchMs;
            while (at + 1 < known.Length && known[at + 1].StartMs <= start)
                at++;
            double here = value(known[at]);
            if (known[at].StartMs != start)
            {
                double share = (double)(start - known[at].StartMs) / (known[at + 1].StartMs - known[at].StartMs);
                here += share * (value(known[at + 1]) - here);
            }
            values[i] = here;
        }
        return values;
    }

    /// <summary>32 bytes a sample, four big-endian numbers in the order of <see cref="ForecastSample"/>.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[_samples.Count * SampleLength];
        for (int i = 0; i < _samples.Count; i++)
        {
            Span<byte> at = bytes.AsSpan(i * SampleLength, SampleLength);
            BinaryPrimitives.WriteInt64BigEndian(at, _samples[i].StartMs);
            BinaryPrimitives.WriteInt64BigEndian(at[8..], _samples[i].UsedBytes);
            BinaryPrimitives.WriteInt64BigEndian(at[16..], _samples[i].ForegroundBytes);
            BinaryPrimitives.WriteInt64BigEndian(at[24..], _samples[i].Damage);
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="MegatorrentException">Malformed: a length, a time that is no stretch's or out of order, a negative number.</exception>
    public void Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % SampleLength != 0 || bytes.Length > EncodedLengthMax)
            throw new MegatorrentException(ErrorKind.Malformed, $"{bytes.Length} bytes are no samples of {SampleLength}.");
        _samples.Clear();
        for (; !bytes.IsEmpty; bytes = bytes[SampleLength..])
        {
            var sample = new ForecastSample(
                BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
                BinaryPrimitives.ReadInt64BigEndian(bytes[16..]), BinaryPrimitives.ReadInt64BigEndian(bytes[24..]));
            long before = _samples.Count > 0 ? _samples[^1].StartMs : -1;
            bool good = sample is { UsedBytes: >= 0, ForegroundBytes: >= 0, Damage: >= 0 }
                && sample.StartMs > before && sample.StartMs % stretchMs == 0;
            if (!good || sample.StartMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
                throw new MegatorrentException(ErrorKind.Malformed, "A sample is out of order or out of range.");
            _samples.Add(sample);
        }
    }
}
