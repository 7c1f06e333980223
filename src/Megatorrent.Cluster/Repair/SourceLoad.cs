using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// What it costs to fetch from each member: how near it is by its failure domain, how many fetches of this node it is serving now, and how
/// long earlier ones took. Deterministic: equal costs leave the order of the stripe's rank. Thread-safe.
/// </summary>
/// <param name="self">This node.</param>
/// <param name="time">The clock.</param>
internal sealed class SourceLoad(NodeId self, TimeProvider time)
{
    private const int MaxMembers = 4096;     // beyond, what was measured is forgotten
    private const double Weight = 0.2;       // of the newest measurement; the rest is the past
    private const long LeastBytes = 64 << 10; // so that small fetches measure the way there and large ones the rate
    private const double Step = 1.5;         // differences below this factor are noise

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, Record> _records = [];

    /// <summary>The holders, the cheapest first: this node, then the near ones, then the least busy, then the fastest.</summary>
    /// <param name="holders">Who has the blob.</param>
    /// <param name="domain">The failure domain of this node.</param>
    /// <param name="rankOf">A member's place in the stripe's rank order, the tie-break.</param>
    public Member[] Sort(IEnumerable<Member> holders, string domain, Func<Member, int> rankOf)
    {
        lock (_gate)
            return [.. holders.OrderBy(holder => CostUnderGate(holder, domain)).ThenBy(rankOf)];
    }

    /// <summary>The cost of a member; smaller is better.</summary>
    public SourceCost CostOf(Member member, string domain)
    {
        lock (_gate)
            return CostUnderGate(member, domain);
    }

    /// <summary>A fetch begins; <see cref="End"/> must follow.</summary>
    public long Begin(NodeId member)
    {
        lock (_gate)
        {
            if (_records.Count >= MaxMembers && !_records.ContainsKey(member))
                _records.Clear();
            if (!_records.TryGetValue(member, out Record? record))
                _records.Add(member, record = new Record());
            record.UnderWay++;
            return time.GetTimestamp();
        }
    }

    /// <summary>A fetch ended.</summary>
    /// <param name="member">From whom.</param>
    /// <param name="started">What <see cref="Begin"/> returned.</param>
    /// <param name="bytes">What came; 0 when it failed, which counts as ten times as slow as before.</param>
    public void End(NodeId member, long started, long bytes)
    {
        lock (_gate)
        {
            if (!_records.TryGetValue(member, out Record? record))
                return;
            record.UnderWay = Math.Max(0, record.UnderWay - 1);
            double perByte = time.GetElapsedTime(started).TotalMilliseconds / Math.Max(bytes, LeastBytes);
            if (bytes == 0)
                perByte = Math.Max(perByte, 10 * record.MsPerByte);
            record.MsPerByte = record.MsPerByte == 0 ? perByte : (Weight * perByte) + ((1 - Weight) * record.MsPerByte);
        }
    }

    /// <summary>How many leading parts, separated by '/', two failure domains have in common.</summary>
    internal static int Nearness(string left, string right)
    {
        ReadOnlySpan<char> one = left;
        ReadOnlySpan<char> two = right;
        int common = 0;
        while (!one.IsEmpty && !two.IsEmpty)
        {
            ReadOnlySpan<char> first = Part(ref one);
            if (!first.SequenceEqual(Part(ref two)))
                break;
            common++;
        }
        return common;
    }

    private static ReadOnlySpan<char> Part(ref ReadOnlySpan<char> path)
    {
        int end = path.IndexOf('/');
        ReadOnlySpan<char> part = end < 0 ? path : path[..end];
        path = end < 0 ? [] : path[(end + 1)..];
        return part;
    }

    private SourceCost CostUnderGate(Member member, string domain)
    {
        Record? record = _records.GetValueOrDefault(member.Id);
        int pace = record is null || record.MsPerByte <= 0 ? 0 : (int)Math.Floor(Math.Log(record.MsPerByte, Step));
        return new SourceCost(
            member.Id == self ? 0 : 1,
            -Nearness(member.Domain, domain),
            record?.UnderWay ?? 0,
            record is null || record.MsPerByte <= 0 ? int.MinValue : pace);
    }

    private sealed class Record
    {
        public int UnderWay;
        public double MsPerByte; // 0: never measured
    }
}
