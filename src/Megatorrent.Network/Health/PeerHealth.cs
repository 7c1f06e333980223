using System.Globalization;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Network.Health;

/// <summary>
/// How one peer answers: a breaker that fails requests at once while the peer does not answer, and quantiles of its latency and rate, in
/// less than 2 KiB. Membership's messages go past it (docs/spec/reputation.md, "Breaker"). Thread-safe.
/// </summary>
public sealed class PeerHealth
{
    /// <summary>Parts of the sliding window; it moves on by one part at a time.</summary>
    internal const int Buckets = 10;

    private const double LeastMs = 0.01;
    private const double LeastNsPerKiB = 10; // 100 GB/s
    private const int LeastTransferLength = 32 * 1024; // below it the rate measures the clock

    private readonly Lock _gate = new();
    private readonly HealthOptions _options;
    private readonly TimeProvider _time;
    private readonly IRandomSource _random;
    private readonly int[] _succeeded = new int[Buckets];
    private readonly int[] _failed = new int[Buckets];
    private readonly LogHistogram _firstByteMs = new(LeastMs);
    private readonly LogHistogram _answerMs = new(LeastMs);
    private readonly LogHistogram _nsPerKiB = new(LeastNsPerKiB);
    private readonly long _origin;
    private long _slot;
    private bool _open;
    private bool _probing;
    private int _generation; // grows when the breaker opens or closes: outcomes from before do not count
    private int _failedProbes;
    private long _openedAt;
    private TimeSpan _openFor;
    private string _lastFailure = "";
    private long _opened, _refused, _succeededTotal, _failedTotal;
    private NodeId? _id;

    internal PeerHealth(string endpoint, HealthOptions options, TimeProvider time, IRandomSource random)
    {
        Endpoint = endpoint;
        _options = options;
        _time = time;
        _random = random;
        _origin = LastUsed = time.GetTimestamp();
    }

    /// <summary>Where the peer is, "host:port".</summary>
    public string Endpoint { get; }

    /// <summary>Whether requests go through now.</summary>
    public BreakerState State
    {
        get
        {
            lock (_gate)
                return StateLocked();
        }
    }

    /// <summary>The figures at this moment.</summary>
    public PeerFigures Figures
    {
        get
        {
            lock (_gate)
            {
                double nsPerKiB = _nsPerKiB.Quantile(0.5);
                return new PeerFigures(
                    Endpoint, _id, StateLocked(), _opened, _refused, _succeededTotal, _failedTotal, _firstByteMs.Quantile(0.5),
                    nsPerKiB > 0 ? 1024 * 1e9 / nsPerKiB : 0);
            }
        }
    }

    internal long LastUsed { get; private set; }

    /// <summary>The time within which a share of the recent gets of a length were answered.</summary>
    /// <param name="length">Bytes of the blob.</param>
    /// <param name="share">The quantile, above 0 and below 1.</param>
    /// <param name="leastCount">Measurements below which nothing is said.</param>
    /// <returns>The time, or null when too few gets were measured.</returns>
    public TimeSpan? GetQuantile(int length, double share, int leastCount)
    {
        lock (_gate)
        {
            if (_firstByteMs.Weight < leastCount)
                return null;
            double ms = _firstByteMs.Quantile(share) + (_nsPerKiB.Quantile(share) * (length / 1024.0) / 1e6);
            return TimeSpan.FromMilliseconds(ms);
        }
    }

    /// <summary>The time within which a share of the recent small questions (want, find, status) were answered; null when too few were.</summary>
    public TimeSpan? AnswerQuantile(double share, int leastCount)
    {
        lock (_gate)
            return _answerMs.Weight < leastCount ? null : TimeSpan.FromMilliseconds(_answerMs.Quantile(share));
    }

    /// <summary>
    /// Another peer, asked later, answered a request of the same kind before this one: counts as a failure, and the time waited as its
    /// latency, which is at least that. To be called before the request is canceled.
    /// </summary>
    /// <param name="waited">Since the request was begun.</param>
    /// <param name="isGet">Whether it was for a blob.</param>
    public void Overtaken(TimeSpan waited, bool isGet)
    {
        lock (_gate)
        {
            (isGet ? _firstByteMs : _answerMs).Add(waited.TotalMilliseconds);
            FailedLocked(string.Create(
                CultureInfo.InvariantCulture, $"nothing came for {waited.TotalSeconds:0.00} s, while another peer answered"));
        }
    }

    internal void Identified(NodeId id)
    {
        lock (_gate)
            _id = id;
    }

    /// <summary>Lets a request through, or not.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Unreachable"/>: the breaker is open.</exception>
    internal PeerTicket Begin()
    {
        lock (_gate)
        {
            LastUsed = _time.GetTimestamp();
            bool isProbe = false;
            if (_open)
            {
                TimeSpan left = _openFor - _time.GetElapsedTime(_openedAt);
                if (left > TimeSpan.Zero || _probing)
                {
                    _refused++;
                    throw new MegatorrentException(ErrorKind.Unreachable, string.Create(CultureInfo.InvariantCulture,
                        $"{Endpoint} is not asked, because too many requests to it failed lately; {Outlook(left)} The last: {_lastFailure}"));
                }
                _probing = isProbe = true;
            }
            return new PeerTicket(_generation, isProbe);
        }
    }

    internal void Succeeded(PeerTicket ticket)
    {
        lock (_gate)
        {
            _succeededTotal++;
            if (ticket.Generation != _generation)
                return;
            if (ticket.IsProbe)
                CloseLocked();
            else
                _succeeded[CurrentLocked()]++;
        }
    }

    internal void Failed(PeerTicket ticket, string reason)
    {
        lock (_gate)
        {
            if (ticket.Generation == _generation)
                FailedLocked(reason);
        }
    }

    /// <summary>The request was given up by whoever made it: says nothing about the peer.</summary>
    internal void GivenUp(PeerTicket ticket)
    {
        lock (_gate)
        {
            if (ticket.IsProbe && ticket.Generation == _generation)
                _probing = false;
        }
    }

    internal void MeasureGet(TimeSpan toFirstByte, TimeSpan afterIt, int lengthAfterIt)
    {
        lock (_gate)
        {
            _firstByteMs.Add(toFirstByte.TotalMilliseconds);
            if (lengthAfterIt >= LeastTransferLength)
                _nsPerKiB.Add(afterIt.TotalNanoseconds / (lengthAfterIt / 1024.0));
        }
    }

    internal void MeasureAnswer(TimeSpan took)
    {
        lock (_gate)
            _answerMs.Add(took.TotalMilliseconds);
    }

    private string Outlook(TimeSpan left) => left > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"one is tried in {left.TotalSeconds:0.0} s.")
        : "one is being tried now.";

    private BreakerState StateLocked() =>
        !_open ? BreakerState.Closed
        : _time.GetElapsedTime(_openedAt) < _openFor ? BreakerState.Open
        : BreakerState.HalfOpen;

    private void FailedLocked(string reason)
    {
        _failedTotal++;
        _lastFailure = reason;
        if (_open)
        {
            if (_probing)
                OpenLocked();
            return;
        }
        _failed[CurrentLocked()]++;
        int failed = _failed.Sum();
        int total = failed + _succeeded.Sum();
        if (total >= _options.MinimumRequests && failed >= total * _options.FailureShare)
            OpenLocked();
    }

    private void OpenLocked()
    {
        double wholeMs = Math.Min(_options.MaxOpenMs, _options.FirstOpenMs * double.Exp2(Math.Min(_failedProbes, 30)));
        _failedProbes++;
        _openFor = TimeSpan.FromMilliseconds(wholeMs * (1 - (_random.NextDouble() / 2)));
        _openedAt = _time.GetTimestamp();
        _open = true;
        _opened++;
        StartAnewLocked();
    }

    private void CloseLocked()
    {
        _open = false;
        _failedProbes = 0;
        StartAnewLocked();
    }

    private void StartAnewLocked()
    {
        _generation++;
        _probing = false;
        Array.Clear(_succeeded);
        Array.Clear(_failed);
    }

    // The part of the window that is now; those that it has left behind are emptied.
    private int CurrentLocked()
    {
        long slot = (long)(_time.GetElapsedTime(_origin).TotalMilliseconds / (_options.WindowMs / (double)Buckets));
        for (long passed = Math.Max(_slot + 1, slot - Buckets + 1); passed <= slot; passed++)
        {
            _succeeded[passed % Buckets] = 0;
            _failed[passed % Buckets] = 0;
        }
        _slot = slot;
        return (int)(slot % Buckets);
    }
}
