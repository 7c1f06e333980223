using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// Counts the strangers that connect in order to join, by the host they come from and in all, over a sliding minute, and slows the joins
/// from where too many come: a stranger may do nothing else. Bounded: 256 hosts (space-saving: Metwally, Agrawal, El Abbadi, ICDT 2005),
/// 1024 strangers. Thread-safe.
/// </summary>
internal sealed class JoinSources(TrafficOptions options, TimeProvider time)
{
    private const int MaxHosts = 256;
    private const int MaxStrangers = 1024;
    private const int Parts = 6; // of the minute
    private const double PartSeconds = 10;
    private const int HostsAtOnce = 4; // the limit for all hosts together, in limits for one
    private const double SlowedPerSecond = 0.2;
    private const double SlowedBurst = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Source> _hosts = [];
    private readonly Source _all = new();
    private readonly Dictionary<NodeId, string> _strangers = [];
    private readonly Queue<NodeId> _order = new();
    private readonly long _origin = time.GetTimestamp();

    private sealed class Source
    {
        public readonly int[] Counts = new int[Parts];
        public long Part;
        public bool IsSlowed;
        public TokenBucket Bucket;
    }

    /// <summary>Joins that were turned away.</summary>
    public long Refused { get; private set; }

    /// <summary>Hosts whose joins are slowed now.</summary>
    public int Slowed
    {
        get
        {
            lock (_gate)
                return _hosts.Values.Count(static source => source.IsSlowed) + (_all.IsSlowed ? 1 : 0);
        }
    }

    /// <summary>A stranger has connected. The text for the log when its host begins to be slowed, or all are.</summary>
    /// <param name="endpoint">Where it comes from, "host:port".</param>
    /// <param name="stranger">The identity that it proved.</param>
    public string? Connected(string endpoint, NodeId stranger)
    {
        string host = endpoint.LastIndexOf(':') is > 0 and var colon ? endpoint[..colon] : endpoint;
        lock (_gate)
        {
            if (!_strangers.TryAdd(stranger, host))
                return null; // the same one again
            _order.Enqueue(stranger);
            if (_order.Count > MaxStrangers)
                _strangers.Remove(_order.Dequeue());
            if (!_hosts.TryGetValue(host, out Source? source))
            {
                if (_hosts.Count >= MaxHosts)
                    _hosts.Remove(_hosts.MinBy(pair => CountLocked(pair.Value)).Key);
                _hosts.Add(host, source = new Source());
            }
            string? told = AddLocked(source, options.JoinsPerMinute)
                ? $"{host}: more than {options.JoinsPerMinute} strangers in a minute; their joins are slowed" : null;
            return AddLocked(_all, options.JoinsPerMinute * HostsAtOnce)
                ? $"more than {options.JoinsPerMinute * HostsAtOnce} strangers in a minute from everywhere; all joins are slowed" : told;
        }
    }

    /// <summary>A stranger wants to join. False: not now.</summary>
    public bool TryJoin(NodeId stranger)
    {
        lock (_gate)
        {
            Source? source = _strangers.TryGetValue(stranger, out string? host) ? _hosts.GetValueOrDefault(host) : null;
            if (PassLocked(source) && PassLocked(_all))
                return true;
            Refused++;
            return false;
        }
    }

    private bool PassLocked(Source? source)
    {
        if (source is not { IsSlowed: true })
            return true;
        if (CountLocked(source) == 0)
        {
            source.IsSlowed = false; // a minute of quiet
            return true;
        }
        return source.Bucket.TryTake(SlowedPerSecond, SlowedBurst, time);
    }

    // Whether the limit was passed now.
    private bool AddLocked(Source source, int limit)
    {
        int count = CountLocked(source);
        if (count == 0)
            source.IsSlowed = false;
        source.Counts[source.Part % Parts]++;
        if (source.IsSlowed || count + 1 <= limit)
            return false;
        source.IsSlowed = true;
        return true;
    }

    private int CountLocked(Source source)
    {
        long part = (long)(time.GetElapsedTime(_origin).TotalSeconds / PartSeconds);
        for (long passed = Math.Max(source.Part + 1, part - Parts + 1); passed <= part; passed++)
            source.Counts[passed % Parts] = 0;
        source.Part = part;
        return source.Counts.Sum();
    }
}
