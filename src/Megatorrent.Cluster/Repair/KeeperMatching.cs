using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Picks for each blob of a stripe the holder that is to keep it: as many as can be on the members where the layout puts the stripe, the
/// rest on other holders in rank order, never past the quota of a domain. A pure function of the answers and the layout, so that everyone
/// who got the same answers picks the same.
/// </summary>
internal sealed class KeeperMatching
{
    private readonly Member[][] _holders; // by index, in rank order
    private readonly Dictionary<NodeId, int> _room = [];
    private readonly Dictionary<NodeId, List<int>> _kept = [];

    /// <summary>Computes the matching of a stripe that is not replicated.</summary>
    /// <param name="survey">Who holds what.</param>
    /// <param name="places">Where the layout puts the stripe's blobs.</param>
    /// <param name="spread">How the blobs are kept apart.</param>
    /// <param name="mayKeep">Which members may be relied on.</param>
    public KeeperMatching(StripeSurvey survey, IReadOnlyList<Member?> places, Spread spread, Func<Member, bool> mayKeep)
    {
        int ids = survey.Descriptor.Ids.Length;
        Keepers = new Member?[ids];
        _holders = new Member[ids][];
        for (int i = 0; i < ids; i++)
            _holders[i] = [.. InRankOrder(survey, survey.Holders(i)).Where(mayKeep)];
        foreach (Member? place in places)
        {
            if (place is not null)
                _room[place.Id] = _room.GetValueOrDefault(place.Id) + 1;
        }
        for (int i = 0; i < ids; i++)
            TryPlace(i, []);

        var load = new StripeLoad(survey.Ranked, spread, oneEach: false);
        foreach (Member? keeper in Keepers)
        {
            if (keeper is not null)
                load.Add(keeper);
        }
        for (int i = 0; i < ids; i++)
        {
            if (Keepers[i] is not null || Array.Find(_holders[i], load.HasRoom) is not { } stray)
                continue;
            Keepers[i] = stray;
            load.Add(stray);
            Strays.Add(i);
        }
        foreach (Member? place in places)
        {
            if (place is null)
                continue;
            int used = (_kept.GetValueOrDefault(place.Id)?.Count ?? 0) + Spare.Count(spare => spare.Id == place.Id);
            if (used < _room[place.Id])
                Spare.Add(place);
        }
    }

    /// <summary>For each blob who is to keep it; null where nobody can within the quotas.</summary>
    public Member?[] Keepers { get; }

    /// <summary>Blobs that are kept by a member on which the layout does not put them.</summary>
    public List<int> Strays { get; } = [];

    /// <summary>Places of the layout that keep no blob, a member once for each.</summary>
    public List<Member> Spare { get; } = [];

    /// <summary>Whether every blob has a keeper.</summary>
    public bool IsWhole => !Array.Exists(Keepers, static keeper => keeper is null);

    /// <summary>Members sorted as the stripe ranks them.</summary>
    public static IEnumerable<Member> InRankOrder(StripeSurvey survey, IReadOnlyCollection<Member> members) =>
        survey.Ranked.Where(ranked => members.Any(member => member.Id == ranked.Id));

    // Kuhn's augmenting paths, with a capacity a member: the layout's places on it. A member is visited once a search.
    private bool TryPlace(int index, HashSet<NodeId> visited)
    {
        foreach (Member holder in _holders[index])
        {
            if (!_room.TryGetValue(holder.Id, out int room) || !visited.Add(holder.Id))
                continue;
            if (!_kept.TryGetValue(holder.Id, out List<int>? kept))
                _kept.Add(holder.Id, kept = []);
            if (kept.Count < room)
            {
                kept.Add(index);
                Keepers[index] = holder;
                return true;
            }
            for (int i = 0; i < kept.Count; i++)
            {
                if (!TryPlace(kept[i], visited))
                    continue;
                kept[i] = index;
                Keepers[index] = holder;
                return true;
            }
        }
        return false;
    }
}
