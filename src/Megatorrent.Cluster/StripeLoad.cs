using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>
/// How many blobs of one stripe each member and each failure domain holds, and who takes the next: the domain with the fewest,
/// in it the member with the fewest, in it the better rank; never past the domain's quota. Not thread-safe.
/// </summary>
public sealed class StripeLoad
{
    private readonly IReadOnlyList<Member> _ranked;
    private readonly int _quota;
    private readonly bool _oneEach;
    private readonly Dictionary<string, int> _byDomain = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeId, int> _byMember = [];

    /// <summary>Starts with nothing held.</summary>
    /// <param name="ranked">Members that may take blobs, in the order of <see cref="Placement.Rank"/>.</param>
    /// <param name="quota">Most blobs in one domain, see <see cref="Placement.QuotaPerDomain"/>.</param>
    /// <param name="oneEach">Whether a member may hold one at most: under replication a second copy on one member would be no copy.</param>
    public StripeLoad(IReadOnlyList<Member> ranked, int quota, bool oneEach)
    {
        ArgumentNullException.ThrowIfNull(ranked);
        _ranked = ranked;
        _quota = quota;
        _oneEach = oneEach;
    }

    /// <summary>Counts one blob on <paramref name="member"/>, whether there was room or not.</summary>
    public void Add(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        _byDomain[member.Domain] = InDomain(member.Domain) + 1;
        _byMember[member.Id] = OnMember(member.Id) + 1;
    }

    /// <summary>Takes back one <see cref="Add"/>.</summary>
    /// <exception cref="InvalidOperationException">Nothing is counted on this member.</exception>
    public void Remove(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (OnMember(member.Id) == 0)
            throw new InvalidOperationException("No blob is counted on this member.");
        _byDomain[member.Domain]--;
        _byMember[member.Id]--;
    }

    /// <summary>Whether a member may hold one more: its domain has room, and it may hold several or holds none.</summary>
    public bool HasRoom(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return InDomain(member.Domain) < _quota && !(_oneEach && OnMember(member.Id) > 0);
    }

    /// <summary>Blobs of the stripe in a domain.</summary>
    public int InDomain(string domain) => _byDomain.GetValueOrDefault(domain);

    /// <summary>Blobs of the stripe on a member.</summary>
    public int OnMember(NodeId id) => _byMember.GetValueOrDefault(id);

    /// <summary>Who takes the next blob; null when no member may. Nothing is counted.</summary>
    /// <param name="excluded">Members that refused or failed, by id.</param>
    public Member? Next(IReadOnlySet<NodeId>? excluded = null)
    {
        Member? best = null;
        (int Domain, int Member) least = (int.MaxValue, int.MaxValue);
        foreach (Member member in _ranked)
        {
            if (!HasRoom(member) || excluded?.Contains(member.Id) == true)
                continue;
            (int Domain, int Member) load = (InDomain(member.Domain), OnMember(member.Id));
            if (load.CompareTo(least) < 0)
                (best, least) = (member, load);
        }
        return best;
    }
}
