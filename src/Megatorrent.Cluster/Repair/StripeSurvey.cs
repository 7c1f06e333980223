using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>What is being found out about one stripe: which living members hold which of its blobs.</summary>
internal sealed class StripeSurvey
{
    private readonly List<Member>[] _holders;
    private readonly HashSet<NodeId> _asked = [];

    /// <summary>Starts with nothing known.</summary>
    /// <param name="descriptor">The stripe.</param>
    /// <param name="ranked">The living members in the stripe's rank order.</param>
    public StripeSurvey(StripeDescriptor descriptor, IReadOnlyList<Member> ranked)
    {
        Descriptor = descriptor;
        Ranked = ranked;
        _holders = new List<Member>[descriptor.Ids.Length];
        for (int i = 0; i < _holders.Length; i++)
            _holders[i] = [];
    }

    /// <summary>The stripe.</summary>
    public StripeDescriptor Descriptor { get; }

    /// <summary>Its name.</summary>
    public BlobId Id => Descriptor.Id;

    /// <summary>The living members, best first.</summary>
    public IReadOnlyList<Member> Ranked { get; }

    /// <summary>How far the search for the responsible member has come in <see cref="Ranked"/>.</summary>
    public int Position { get; set; }

    /// <summary>The members found to hold the blob at an index of <see cref="StripeDescriptor.Ids"/>.</summary>
    public List<Member> Holders(int index) => _holders[index];

    /// <summary>Whether the member was asked, or need not be.</summary>
    public bool WasAsked(NodeId id) => _asked.Contains(id);

    /// <summary>Takes a member's answer: which of the ids it has, in their order.</summary>
    public void Answered(Member member, ReadOnlySpan<bool> has)
    {
        _asked.Add(member.Id);
        for (int i = 0; i < _holders.Length; i++)
        {
            if (has[i])
                _holders[i].Add(member);
        }
    }

    /// <summary>Whether a member holds any blob of the stripe.</summary>
    public bool HoldsAny(NodeId id)
    {
        foreach (List<Member> holders in _holders)
        {
            if (holders.Exists(holder => holder.Id == id))
                return true;
        }
        return false;
    }

    /// <summary>Blobs of the stripe that were found on a member.</summary>
    public int CountOn(NodeId id)
    {
        int count = 0;
        foreach (List<Member> holders in _holders)
            count += holders.Exists(holder => holder.Id == id) ? 1 : 0;
        return count;
    }

    /// <summary>Whether a blob has more holders than it needs.</summary>
    public bool HasSurplus() => Descriptor.IsReplication
        ? _holders[0].Count > Descriptor.TotalBlobs
        : Array.Exists(_holders, static holders => holders.Count > 1);

    /// <summary>Every member that holds a blob of the stripe, each once.</summary>
    public IEnumerable<Member> AllHolders() => _holders.SelectMany(static holders => holders).DistinctBy(static holder => holder.Id);

    /// <summary>Whether every id has a holder, or under replication enough members hold the one.</summary>
    public bool LooksComplete() => Descriptor.IsReplication
        ? _holders[0].Count >= Descriptor.TotalBlobs
        : !Array.Exists(_holders, static holders => holders.Count == 0);
}
