using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// What is to be done about a surveyed stripe: a pure function of what was found, so that every rule of docs/spec/repair.md, "Plan",
/// can be tested without a network.
/// </summary>
internal sealed class StripePlan
{
    private StripePlan(
        StripeVerdict verdict, int margin, List<(int Index, Member Target)> work, StripeLoad load, StripeSurvey survey, int shaky = 0)
    {
        Shaky = shaky;
        Verdict = verdict;
        Margin = margin;
        DomainMargin = DomainsToSpare(survey);
        Work = work;
        Load = load;
    }

    /// <summary>How the stripe stands.</summary>
    public StripeVerdict Verdict { get; }

    /// <summary>Distinct blobs (or copies) alive beyond those that it takes to read the stripe.</summary>
    public int Margin { get; }

    /// <summary>Blobs that are only on members that are likely to fail soon.</summary>
    public int Shaky { get; }

    /// <summary>
    /// Failure domains that can be lost whole, the fullest first, before too few blobs are left to read the stripe; -1 when they are
    /// too few now. The stripe with the least is repaired first, then the one with the least <see cref="Margin"/>.
    /// </summary>
    public int DomainMargin { get; }

    /// <summary>
    /// Whether the work only brings blobs to where the layout puts them: nothing is gained by putting them anywhere else.
    /// </summary>
    public bool IsMove { get; private init; }

    /// <summary>Blobs to put on members: rebuilt where nobody holds them, copied where a domain holds too many.</summary>
    public List<(int Index, Member Target)> Work { get; }

    /// <summary>Who holds how much once the work is done; finds another target when one refuses.</summary>
    public StripeLoad Load { get; }

    /// <summary>Decides.</summary>
    /// <param name="survey">The stripe; every reachable living member was asked.</param>
    /// <param name="takers">Living members in rank order that can be given blobs.</param>
    /// <param name="excused">
    /// Members that do not answer but may still hold their blobs: dead within the grace time, or alive and not answering.
    /// </param>
    /// <param name="domainsKnown">Domains of all members not removed.</param>
    /// <param name="likelyToFail">
    /// Members that are likely to fail: what only they hold is copied to others too, after everything else, where a place is left.
    /// </param>
    public static StripePlan Create(
        StripeSurvey survey, IReadOnlyList<Member> takers, IReadOnlyList<Member> excused, int domainsKnown,
        IReadOnlySet<NodeId>? likelyToFail = null) =>
        Create(survey, takers, excused, Spread.Over(survey.Descriptor.TotalBlobs, domainsKnown), likelyToFail);

    /// <inheritdoc cref="Create(StripeSurvey, IReadOnlyList{Member}, IReadOnlyList{Member}, int, IReadOnlySet{NodeId})"/>
    /// <param name="survey">The stripe; every reachable living member was asked.</param>
    /// <param name="takers">Living members in rank order that can be given blobs.</param>
    /// <param name="excused">
    /// Members that do not answer but may still hold their blobs: dead within the grace time, or alive and not answering.
    /// </param>
    /// <param name="spread">How the blobs are kept apart.</param>
    /// <param name="likelyToFail">As above.</param>
    public static StripePlan Create(
        StripeSurvey survey, IReadOnlyList<Member> takers, IReadOnlyList<Member> excused, Spread spread,
        IReadOnlySet<NodeId>? likelyToFail = null)
    {
        StripePlan plan = Restore(survey, takers, excused, spread, likelyToFail ?? new HashSet<NodeId>());
        return plan.Verdict == StripeVerdict.Healthy && plan.Work.Count == 0 && excused.Count == 0
            ? Move(plan, survey, takers, spread)
            : plan;
    }

    /// <summary>Where the layout puts the blobs (or copies) of a stripe.</summary>
    /// <param name="survey">The stripe, and the members that may hold its blobs in rank order.</param>
    /// <param name="spread">How the blobs are kept apart.</param>
    public static Member?[] PlacesOf(StripeSurvey survey, Spread spread)
    {
        var load = new StripeLoad(survey.Ranked, spread, survey.Descriptor.IsReplication);
        var places = new Member?[survey.Descriptor.TotalBlobs];
        for (int i = 0; i < places.Length; i++)
        {
            if ((places[i] = load.Next()) is { } member)
                load.Add(member);
        }
        return places;
    }

    private static StripePlan Restore(
        StripeSurvey survey, IReadOnlyList<Member> takers, IReadOnlyList<Member> excused, Spread spread,
        IReadOnlySet<NodeId> likelyToFail)
    {
        int total = survey.Descriptor.TotalBlobs;
        bool replication = survey.Descriptor.IsReplication;
        var load = new StripeLoad(takers, spread, replication);
        Member?[] ideal = excused.Count == 0
            ? []
            : Placement.Assign(survey.Id, total, survey.Ranked.UnionBy(excused, static member => member.Id), spread, replication);
        HashSet<NodeId> away = [.. excused.Select(static member => member.Id)];
        return replication
            ? Replicate(survey, load, ideal, away)
            : Rebuild(survey, load, spread, ideal, away, likelyToFail);
    }

    private static StripePlan Replicate(StripeSurvey survey, StripeLoad load, Member?[] ideal, HashSet<NodeId> away)
    {
        List<Member> holders = survey.Holders(0);
        int counted = 0;
        foreach (Member member in survey.Ranked)
        {
            if (!holders.Exists(holder => holder.Id == member.Id) || !load.HasRoom(member))
                continue;
            load.Add(member);
            counted++;
        }
        int missing = Math.Max(0, survey.Descriptor.TotalBlobs - counted);
        int lost = Math.Max(0, missing - holders.Count(static holder => !holder.TakesBlobs)); // copies on those that drain are no loss
        int waiting = Excuse(load, ideal, away, lost);

        var work = new List<(int Index, Member Target)>();
        for (int i = waiting; i < missing && holders.Count > 0 && load.Next() is { } target; i++)
        {
            load.Add(target);
            work.Add((0, target));
        }
        StripeVerdict verdict = lost == 0 ? StripeVerdict.Healthy
            : work.Count > 0 ? StripeVerdict.Endangered
            : holders.Count > 0 || waiting > 0 ? StripeVerdict.Waiting
            : StripeVerdict.Unrecoverable;
        return new StripePlan(verdict, holders.Count - 1, work, load, survey);
    }

    private static StripePlan Rebuild(
        StripeSurvey survey, StripeLoad load, Spread spread, Member?[] ideal, HashSet<NodeId> away, IReadOnlySet<NodeId> likelyToFail)
    {
        int ids = survey.Descriptor.Ids.Length;
        var missing = new List<int>();
        var crowded = new List<int>();
        Member?[] places = new HolderMatching(survey, spread).Places;
        for (int i = 0; i < ids; i++)
        {
            if (survey.Holders(i).Count == 0)
                missing.Add(i);
            else if (places[i] is { } place)
                load.Add(place);
            else
                crowded.Add(i);
        }
        int living = ids - missing.Count;
        int margin = living - survey.Descriptor.DataShards;
        int waiting = Excuse(load, ideal, away, missing.Count);
        if (margin < 0)
        {
            StripeVerdict lost = living + waiting >= survey.Descriptor.DataShards ? StripeVerdict.Waiting : StripeVerdict.Unrecoverable;
            return new StripePlan(lost, margin, [], load, survey);
        }

        // Which of the missing are the ones that an absent member holds cannot be known; most likely those that belong on it.
        missing.Sort((left, right) => (IsAway(left), left).CompareTo((IsAway(right), right)));
        var work = new List<(int Index, Member Target)>();
        for (int i = 0; i < missing.Count - waiting && load.Next() is { } target; i++)
        {
            load.Add(target);
            work.Add((missing[i], target));
        }
        StripeVerdict verdict = missing.Count == 0 ? StripeVerdict.Healthy
            : work.Count > 0 ? StripeVerdict.Endangered
            : StripeVerdict.Waiting;
        foreach (int index in crowded)
        {
            if (load.Next() is not { } target)
                break;
            load.Add(target);
            work.Add((index, target));
        }
        int[] shaky = likelyToFail.Count == 0 ? [] : [.. Enumerable.Range(0, ids).Where(
            i => survey.Holders(i) is { Count: > 0 } holders && holders.TrueForAll(holder => likelyToFail.Contains(holder.Id)))];
        foreach (int index in shaky)
        {
            if (load.Next(likelyToFail) is not { } target)
                break;
            load.Add(target);
            work.Add((index, target));
        }
        return new StripePlan(verdict, margin, work, load, survey, shaky.Length);

        bool IsAway(int index) => index < ideal.Length && ideal[index] is { } member && away.Contains(member.Id);
    }

    // The places that belong to absent members account for as many of the missing blobs, and stay reserved in their domains.
    private static int Excuse(StripeLoad load, Member?[] ideal, HashSet<NodeId> away, int missing)
    {
        int excused = 0;
        foreach (Member? owner in ideal)
        {
            if (excused == missing)
                break;
            if (owner is null || !away.Contains(owner.Id))
                continue;
            load.Add(owner);
            excused++;
        }
        return excused;
    }

    // A whole stripe whose blobs stand elsewhere than the layout says: each of these is copied to a place that keeps none, and once it is
    // there the other copy is one too many. Only where every place was asked: what is there already is not sent again.
    private static StripePlan Move(StripePlan plan, StripeSurvey survey, IReadOnlyList<Member> takers, Spread spread)
    {
        Member?[] places = PlacesOf(survey, spread);
        if (Array.Exists(places, place => place is not null && !survey.WasAsked(place.Id)) || StandsAsLaidOut(survey, places))
            return plan;
        List<int> strays;
        List<Member> spare;
        if (survey.Descriptor.IsReplication)
        {
            List<Member> holders = survey.Holders(0);
            spare = [.. places.OfType<Member>().Where(place => !holders.Exists(holder => holder.Id == place.Id))];
            strays = [.. Enumerable.Repeat(0, spare.Count)];
        }
        else
        {
            var keepers = new KeeperMatching(survey, places, spread, static _ => true);
            (strays, spare) = (keepers.Strays, keepers.Spare);
        }
        spare.RemoveAll(member => !takers.Any(taker => taker.Id == member.Id));
        var work = new List<(int Index, Member Target)>();
        var load = new StripeLoad(survey.Ranked, int.MaxValue, oneEach: false);
        for (int i = 0; i < Math.Min(strays.Count, spare.Count); i++)
        {
            load.Add(spare[i]);
            work.Add((strays[i], spare[i]));
        }
        return work.Count == 0 ? plan : new StripePlan(StripeVerdict.Healthy, plan.Margin, work, load, survey) { IsMove = true };
    }

    // The common case, without a matching: every place holds as many blobs as the layout puts on it, and no blob is there twice.
    private static bool StandsAsLaidOut(StripeSurvey survey, Member?[] places)
    {
        int held = 0;
        for (int i = 0; i < survey.Descriptor.Ids.Length; i++)
            held += survey.Holders(i).Count;
        if (held != places.Length)
            return false;
        foreach (Member? place in places)
        {
            if (place is null || survey.CountOn(place.Id) != places.Count(other => other?.Id == place.Id))
                return false;
        }
        return true;
    }

    // Each blob counts in one domain: with a second copy elsewhere the stripe is better off than this says, never worse.
    private static int DomainsToSpare(StripeSurvey survey)
    {
        var byDomain = new Dictionary<string, int>(StringComparer.Ordinal);
        int living = 0;
        if (survey.Descriptor.IsReplication)
        {
            foreach (Member holder in survey.Holders(0))
                byDomain[holder.Domain] = 1;
            return byDomain.Count - 1;
        }
        for (int i = 0; i < survey.Descriptor.Ids.Length; i++)
        {
            if (survey.Holders(i) is not [{ } first, ..] holders)
                continue;
            living++;
            string domain = holders.MinBy(holder => byDomain.GetValueOrDefault(holder.Domain))?.Domain ?? first.Domain;
            byDomain[domain] = byDomain.GetValueOrDefault(domain) + 1;
        }
        int lost = -1;
        int left = living;
        using IEnumerator<int> fullest = byDomain.Values.OrderDescending().GetEnumerator();
        while (left >= survey.Descriptor.DataShards)
        {
            lost++;
            if (!fullest.MoveNext())
                break;
            left -= fullest.Current;
        }
        return lost;
    }
}
