using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>
/// How many blobs of one stripe each member and each failure domain holds, and who takes the next: the domain with the fewest, the widest
/// domains first, in it the member with the fewest, in it the better rank; never past the domain's quota, and never a member that drains.
/// Not thread-safe.
/// </summary>
public sealed class StripeLoad
{
    private readonly IReadOnlyList<Member> _ranked;
    private readonly Spread _spread;
    private readonly bool _oneEach;
    private readonly Dictionary<string, int> _byDomain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _bySpread = new(StringComparer.Ordinal); // at the spread's level "a" is another than "a/b"
    private readonly Dictionary<NodeId, int> _byMember = [];

    /// <summary>Starts with nothing held.</summary>
    /// <param name="ranked">Members that may take blobs, in the order of <see cref="Placement.Rank"/>.</param>
    /// <param name="quota">Most blobs in one domain, see <see cref="Placement.QuotaPerDomain"/>.</param>
    /// <param name="oneEach">Whether a member may hold one at most: under replication a second copy on one member would be no copy.</param>
    public StripeLoad(IReadOnlyList<Member> ranked, int quota, bool oneEach)
        : this(ranked, new Spread(int.MaxValue, quota), oneEach)
    {
    }

    /// <summary>Starts with nothing held.</summary>
    /// <param name="ranked">Members that may take blobs, in the order of <see cref="Placement.Rank"/>.</param>
    /// <param name="spread">How the blobs are kept apart, see <see cref="ClusterView.SpreadOf"/>.</param>
    /// <param name="oneEach">Whether a member may hold one at most: under replication a second copy on one member would be no copy.</param>
    public StripeLoad(IReadOnlyList<Member> ranked, Spread spread, bool oneEach)
    {
        ArgumentNullException.ThrowIfNull(ranked);
        _ranked = ranked;
        _spread = spread;
        _oneEach = oneEach;
    }

    /// <summary>Counts one blob on <paramref name="member"/>, whether there was room or not.</summary>
    public void Add(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        foreach (string domain in member.Path)
            _byDomain[domain] = InDomain(domain) + 1;
        string apart = member.DomainAt(_spread.Level);
        _bySpread[apart] = _bySpread.GetValueOrDefault(apart) + 1;
        _byMember[member.Id] = OnMember(member.Id) + 1;
    }

    /// <summary>Takes back one <see cref="Add"/>.</summary>
    /// <exception cref="InvalidOperationException">Nothing is counted on this member.</exception>
    public void Remove(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (OnMember(member.Id) == 0)
            throw new InvalidOperationException("No blob is counted on this member.");
        foreach (string domain in member.Path)
            _byDomain[domain]--;
        _bySpread[member.DomainAt(_spread.Level)]--;
        _byMember[member.Id]--;
    }

    /// <summary>
    /// Whether a member may hold one more: it does not drain, its domain has room, and it may hold several or holds none.
    /// </summary>
    public bool HasRoom(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.TakesBlobs && _bySpread.GetValueOrDefault(member.DomainAt(_spread.Level)) < _spread.Quota
            && !(_oneEach && OnMember(member.Id) > 0);
    }

    /// <summary>Blobs of the stripe in a domain of any level.</summary>
    public int InDomain(string domain) => _byDomain.GetValueOrDefault(domain);

    /// <summary>Blobs of the stripe on a member.</summary>
    public int OnMember(NodeId id) => _byMember.GetValueOrDefault(id);

    /// <summary>Who takes the next blob; null when no member may. Nothing is counted.</summary>
    /// <param name="excluded">Members that refused or failed, by id.</param>
    public Member? Next(IReadOnlySet<NodeId>? excluded = null)
    {
        Member? best = null;
        foreach (Member member in _ranked)
        {
            if (!HasRoom(member) || excluded?.Contains(member.Id) == true)
                continue;
            if (best is null || IsEmptier(member, best))
                best = member;
        }
        return best;
    }

    private bool IsEmptier(Member member, Member best)
    {
        int levels = Math.Max(member.Path.Length, best.Path.Length);
        for (int level = 1; level <= levels; level++)
        {
            int order = InDomain(member.DomainAt(level)).CompareTo(InDomain(best.DomainAt(level)));
            if (order != 0)
                return order < 0;
        }
        return OnMember(member.Id) < OnMember(best.Id);
    }
}
