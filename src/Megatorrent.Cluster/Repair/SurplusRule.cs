using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Which copies of a stripe's blobs are too many: a pure function of the answers of everybody, so that the rules of docs/spec/repair.md,
/// "Surplus", can be tested without a network. It only says what might go; the keepers must confirm.
/// </summary>
internal sealed class SurplusRule
{
    private readonly StripeSurvey _survey;
    private readonly Member?[] _places;
    private readonly KeeperMatching? _matching;
    private readonly Member[] _copies = [];
    private readonly bool _whole;

    /// <summary>Judges a stripe.</summary>
    /// <param name="survey">The stripe; every living member was asked.</param>
    /// <param name="spread">How the blobs are kept apart.</param>
    public SurplusRule(StripeSurvey survey, Spread spread)
    {
        _survey = survey;
        _places = StripePlan.PlacesOf(survey, spread);
        int total = survey.Descriptor.TotalBlobs;
        if (survey.Descriptor.IsReplication)
        {
            var load = new StripeLoad(survey.Ranked, spread, oneEach: true);
            Member[] holders = [.. KeeperMatching.InRankOrder(survey, survey.Holders(0)).Where(MayKeep)];
            var copies = new List<Member>();
            foreach (Member holder in holders.Where(IsPlace).Concat(holders.Where(holder => !IsPlace(holder))))
            {
                if (copies.Count == total || !load.HasRoom(holder))
                    continue;
                load.Add(holder);
                copies.Add(holder);
            }
            _copies = [.. copies];
            _whole = copies.Count == total;
            return;
        }
        _matching = new KeeperMatching(survey, _places, spread, MayKeep);
        _whole = _matching.IsWhole;
    }

    /// <summary>
    /// The members that hold something too many, in the order of their ids; none when the stripe is not whole without it.
    /// </summary>
    public List<Member> Holders()
    {
        var found = new List<Member>();
        for (int i = 0; _whole && i < _survey.Descriptor.Ids.Length; i++)
            found.AddRange(SurplusOf(i));
        return [.. found.DistinctBy(static member => member.Id).OrderBy(static member => member.Id)];
    }

    /// <summary>
    /// The one blob that a member may delete in this cycle, and who must confirm that it keeps it; null when there is none. Of several
    /// members that hold the same blob too many only the worst ranked deletes.
    /// </summary>
    public (int Index, IReadOnlyList<Member> Keepers)? Choose(NodeId self)
    {
        for (int i = 0; _whole && i < _survey.Descriptor.Ids.Length; i++)
        {
            List<Member> surplus = SurplusOf(i);
            if (surplus.Count > 0 && surplus[^1].Id == self)
                return (i, _matching is null ? _copies : [_matching.Keepers[i]!]);
        }
        return null;
    }

    // The word of one that is suspended is no evidence, and one that drains is about to leave.
    private static bool MayKeep(Member member) => member is { State: MemberState.Alive, TakesBlobs: true, IsSuspended: false };

    // In rank order. A member whose place in the layout keeps no other blob keeps what it has.
    private List<Member> SurplusOf(int index) =>
    [
        .. KeeperMatching.InRankOrder(_survey, _survey.Holders(index)).Where(holder => _matching is null
            ? !Array.Exists(_copies, copy => copy.Id == holder.Id) && !IsPlace(holder)
            : _matching.Keepers[index]!.Id != holder.Id && !_matching.Spare.Exists(spare => spare.Id == holder.Id)),
    ];

    private bool IsPlace(Member member) => Array.Exists(_places, place => place?.Id == member.Id);
}
