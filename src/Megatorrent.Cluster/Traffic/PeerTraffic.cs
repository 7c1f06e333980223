using System.Numerics;
using Megatorrent.Cluster.Reputation;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// The requests of one peer in the interval that runs, what they usually are, and whether the peer is flagged; 1.5 KiB. Thread-safe.
/// </summary>
internal sealed class PeerTraffic(NodeId id, Role role, TrafficOptions options, TimeProvider time)
{
    /// <summary>Sigmas beyond the usual from which an interval is odd.</summary>
    public const double OddScore = 6;

    /// <summary>Odd intervals, less usual ones, that make an alarm.</summary>
    public const int OddIntervals = 3;

    /// <summary>The drift, in sigmas, that is an alarm by itself.</summary>
    public const double DriftAlarm = 40;

    private const int Features = 7; // those with a baseline
    private const int Types = 32;
    private const int FilterBits = 8192;
    private const int Prefixes = 16;
    private const int LeastPrefixes = 128;
    private const int TransfersPerQuestion = 4; // a node that repairs asks about that often for a blob that it moves

    private readonly Lock _gate = new();
    private readonly int[] _types = new int[Types];
    private readonly int[] _prefixes = new int[Prefixes];
    private readonly ulong[] _filter = new ulong[FilterBits / 64];
    private readonly Baseline[] _baselines = new Baseline[Features];
    private readonly int[] _odd = new int[Features];
    private RareEvent _badStores = new(honest: 0.0001, suspect: 0.005);
    private RareEvent _wrongBlobs = new(honest: 0.0001, suspect: 0.005);
    private RareEvent _withheld = new(honest: 0.01, suspect: 0.1);
    private readonly double _fade = double.Exp2(-options.IntervalMs / RareEvent.HalfLifeMs);
    private TokenBucket _bucket;
    private Suspicion? _suspicion;
    private long _quietMs = options.QuietMs;
    private long _bytes, _total;
    private int _refused, _notFound, _gets, _repeats, _news, _filtered;
    private int _storesBad, _stores, _blobsWrong, _blobs, _blobsWithheld;

    /// <summary>Who.</summary>
    public NodeId Id { get; } = id;

    /// <summary>When something was last counted, as a timestamp.</summary>
    public long LastSeen { get; private set; } = time.GetTimestamp();

    /// <summary>Requests that were turned away because the peer is flagged.</summary>
    public long Throttled { get; private set; }

    /// <summary>Why it is flagged; null when it is not.</summary>
    public Suspicion? Suspicion
    {
        get
        {
            lock (_gate)
                return _suspicion;
        }
    }

    /// <summary>A request begins, after a time. False: it is turned away.</summary>
    public bool TryBegin(out TimeSpan wait)
    {
        lock (_gate)
        {
            LastSeen = time.GetTimestamp();
            wait = TimeSpan.Zero;
            if (_suspicion is null)
                return true;
            double rate = role.MayServe() ? options.NodeRate : options.ClientRate;
            if (_bucket.TryTake(rate, rate * options.BurstSeconds, TimeSpan.FromMilliseconds(options.LongestWaitMs), time, out wait))
                return true;
            Throttled++;
            return false;
        }
    }

    /// <summary>A get names a blob.</summary>
    public void Asked(in BlobId blob)
    {
        ReadOnlySpan<byte> bytes = BlobId.AsSpan(blob);
        lock (_gate)
        {
            // A filter of 8192 bits and two of the id's own bits: when it is a quarter full it is emptied, so that at most one in sixteen
            // is taken for a repeat that is none.
            int first = BitConverter.ToUInt16(bytes[1..]) % FilterBits, second = BitConverter.ToUInt16(bytes[3..]) % FilterBits;
            bool known = IsSet(first) && IsSet(second);
            _repeats += known ? 1 : 0;
            if (known)
                return;
            _prefixes[bytes[0] >> 4]++;
            _news++;
            if (_filtered++ > FilterBits / 8)
            {
                Array.Clear(_filter);
                _filtered = 0;
            }
            _filter[first / 64] |= 1ul << (first % 64);
            _filter[second / 64] |= 1ul << (second % 64);
        }
    }

    /// <summary>A request ended.</summary>
    public void End(MessageType type, long bytes, RequestOutcome outcome)
    {
        lock (_gate)
        {
            _types[(int)type % Types]++;
            _total++;
            _bytes += bytes;
            _gets += type == MessageType.Get ? 1 : 0;
            _refused += outcome == RequestOutcome.Refused ? 1 : 0;
            _notFound += outcome == RequestOutcome.NotFound ? 1 : 0;
            if (type != MessageType.Store || outcome is RequestOutcome.Other)
                return;
            _stores++;
            _storesBad += outcome == RequestOutcome.BadData ? 1 : 0;
            _badStores.Add(outcome == RequestOutcome.BadData);
        }
    }

    /// <summary>This node saw what the peer did with a blob.</summary>
    public void Observed(PeerEvidence evidence)
    {
        lock (_gate)
        {
            _blobs++;
            _blobsWrong += evidence == PeerEvidence.Wrong ? 1 : 0;
            _blobsWithheld += evidence == PeerEvidence.Withheld ? 1 : 0;
            _wrongBlobs.Add(evidence == PeerEvidence.Wrong);
            _withheld.Add(evidence == PeerEvidence.Withheld);
        }
    }

    /// <summary>Ends the interval. A suspicion that is new, or null; and whether one was taken back.</summary>
    public Suspicion? Close(out bool released)
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            Suspicion? worst = Judge(now);
            ClearInterval();
            _badStores.Fade(_fade);
            _wrongBlobs.Fade(_fade);
            _withheld.Fade(_fade);
            released = false;
            if (worst is null)
            {
                if (_suspicion is not null && now >= _suspicion.Until)
                {
                    _suspicion = null;
                    released = true;
                }
                return null;
            }
            Suspicion? before = _suspicion;
            if (before is null)
                _bucket = default;
            _suspicion = worst with { Since = before?.Since ?? now, Until = now + TimeSpan.FromMilliseconds(_quietMs) };
            if (before is null)
                _quietMs = Math.Min(options.MaxQuietMs, _quietMs * 2);
            return before is null || before.Feature != worst.Feature ? _suspicion : null;
        }
    }

    // The worst alarm of the interval. Rare events are counted over all intervals, the others in this one.
    private Suspicion? Judge(DateTimeOffset now)
    {
        Suspicion? worst = null;
        Rare(Feature.BadStores, _badStores.Score, _storesBad, _stores, 0.0001);
        Rare(Feature.WrongBlobs, _wrongBlobs.Score, _blobsWrong, _blobs, 0.0001);
        Rare(Feature.Withheld, _withheld.Score, _blobsWithheld, _blobs, 0.01);
        if (_total == 0)
        {
            foreach (ref int odd in _odd.AsSpan())
                odd = Math.Max(0, odd - 1);
            return worst; // silence is usual, and teaches nothing about requests
        }

        double seconds = options.IntervalMs / 1000.0;
        int transfers = _gets + _types[(int)MessageType.Store];
        long questions = role.MayServe() ? Math.Max(0, _total - transfers - ((long)TransfersPerQuestion * transfers)) : _total - transfers;
        // Least: what an honest peer may always do. Sigma: what its least fluctuation is taken to be.
        Usual(Feature.Questions, Math.Log2(1 + questions), expected: 4, sigma: 0.75, least: Math.Log2(1 + (100 * seconds)));
        Usual(Feature.Refusals, _refused / (_total + 20.0), expected: 0, sigma: 0.03, least: 0.2);
        Usual(Feature.NotFounds, _notFound / (_gets + 20.0), expected: 0, sigma: 0.03, least: 0.2);
        Usual(Feature.Repeats, role == Role.Node ? _repeats / (_gets + 50.0) : 0, expected: 0, sigma: 0.05, least: 0.35);
        Usual(Feature.Prefixes, Concentration(), expected: 0, sigma: 0.03, least: 0.25);
        Usual(Feature.Shape, ShapeEntropy(), expected: 1, sigma: 0.3, least: double.MaxValue);
        Usual(Feature.Bytes, Math.Log2(1 + _bytes), expected: 10, sigma: 2, least: double.MaxValue);
        return worst;

        void Rare(Feature feature, double score, int happened, int trials, double expected)
        {
            if (score >= RareEvent.Alarm && happened > 0)
                Take(feature, happened / (double)trials, expected, score);
        }

        void Usual(Feature feature, double value, double expected, double sigma, double least)
        {
            ref Baseline baseline = ref _baselines[(int)feature];
            double score = baseline.Add(value, expected, sigma, learn: _suspicion is null);
            bool isOdd = value >= least && score >= OddScore;
            ref int odd = ref _odd[(int)feature];
            odd = isOdd ? Math.Min(OddIntervals, odd + 1) : Math.Max(0, odd - 1);
            if (isOdd && odd == OddIntervals)
                Take(feature, value, baseline.Mean, score);
            else if (value >= least && baseline.Drift >= DriftAlarm)
                Take(feature, value, baseline.Mean, score);
        }

        void Take(Feature feature, double value, double expected, double score)
        {
            if (worst is null || score > worst.Score)
                worst = new Suspicion(Id, feature, value, expected, score, now, now);
        }
    }

    private double Concentration()
    {
        if (_news < LeastPrefixes)
            return 0;
        double bits = 0;
        foreach (int count in _prefixes)
        {
            if (count > 0)
                bits -= count / (double)_news * Math.Log2(count / (double)_news);
        }
        return 1 - (bits / BitOperations.Log2(Prefixes));
    }

    private double ShapeEntropy()
    {
        double bits = 0;
        foreach (int count in _types)
        {
            if (count > 0)
                bits -= count / (double)_total * Math.Log2(count / (double)_total);
        }
        return bits;
    }

    private void ClearInterval()
    {
        Array.Clear(_types);
        Array.Clear(_prefixes);
        (_bytes, _total, _refused, _notFound, _gets, _repeats, _news) = (0, 0, 0, 0, 0, 0, 0);
    }

    private bool IsSet(int bit) => (_filter[bit / 64] & (1ul << (bit % 64))) != 0;
}
