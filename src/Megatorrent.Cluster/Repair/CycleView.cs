using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// The cluster as one cycle sees it, and the questions that a cycle asks. A member that fails to answer is not asked again in this cycle;
/// its blobs count as away, not as missing, because silence is no evidence.
/// </summary>
internal sealed class CycleView
{
    private const int SmallCluster = 16; // up to this many members are all asked at once; above, the best ranked first

    private readonly RepairContext _context;
    private readonly ClusterView _view;
    private readonly Member[] _graced;
    private readonly bool _missesLately; // somebody is dead within the grace time, waited for or not
    private readonly Lock _gate = new();
    private readonly HashSet<NodeId> _unreachable = [];
    private readonly string _domain;

    /// <summary>Takes the view of a cycle.</summary>
    /// <param name="context">The service's parts.</param>
    /// <param name="view">The members now.</param>
    /// <param name="now">The time, to judge the grace time by.</param>
    /// <param name="ignoreGrace">Whether nobody dead is waited for.</param>
    public CycleView(RepairContext context, ClusterView view, DateTimeOffset now, bool ignoreGrace)
    {
        _context = context;
        _view = view;
        _domain = view.Find(context.Self)?.Domain ?? "";
        var grace = TimeSpan.FromMilliseconds(context.Options.GraceMs);
        _missesLately = view.Members.Any(member => !member.IsLiving && now - member.Since < grace);
        _graced = ignoreGrace ? [] : [.. view.Members.Where(member => !member.IsLiving && member.TakesBlobs
            && ((now - member.Since < grace && !context.IsLikelyToFail(member.Id)) || PlantedBugs.Has(PlantedBug.DeadCountedHealthy)))];
    }

    /// <summary>Living members that did not answer.</summary>
    public int UnreachableCount
    {
        get
        {
            lock (_gate)
                return _unreachable.Count;
        }
    }

    /// <summary>
    /// Whether nobody is missing: no living member failed to answer in this cycle, none is suspect, and none is dead within its grace time,
    /// also where the cycle waits for nobody.
    /// </summary>
    public bool IsCalm =>
        UnreachableCount == 0 && !_missesLately && _view.Living.All(static member => member.State == MemberState.Alive);

    /// <summary>How the blobs of a stripe are kept apart.</summary>
    public Spread SpreadOf(StripeSurvey survey) => _view.SpreadOf(survey.Descriptor.TotalBlobs);

    /// <summary>What it costs this node to fetch from a member.</summary>
    public SourceCost CostOf(Member member) => _context.Sources.CostOf(member, _domain);

    /// <summary>The holders of a blob, the cheapest to fetch from first.</summary>
    public Member[] SortSources(StripeSurvey survey, int index) =>
        _context.Sources.Sort(
            survey.Holders(index), _domain,
            holder => IndexOf(survey.Ranked, holder.Id) - ((_context.Scores?.RankOf(holder.Id) ?? 0) * survey.Ranked.Count)); // the better first

    /// <summary>Begins the survey of a stripe with what this node holds itself.</summary>
    public StripeSurvey Survey(StripeDescriptor descriptor)
    {
        var survey = new StripeSurvey(descriptor, Placement.Rank(descriptor.Id, _view.Living));
        if (_view.Find(_context.Self) is { } self)
        {
            var has = new bool[descriptor.Ids.Length];
            for (int i = 0; i < has.Length; i++)
                has[i] = _context.Store.Contains(descriptor.Ids[i]);
            survey.Answered(self, has);
        }
        return survey;
    }

    /// <summary>
    /// The stripes that are this node's to repair: no living member that ranks before it holds any blob of them. Asks rank by rank, all
    /// stripes at once; nearly always the first rank settles it. A stripe that nobody holds a blob of is everybody's.
    /// </summary>
    /// <param name="surveys">The stripes, this node's own blobs taken in.</param>
    /// <param name="others">Takes the stripes that are another's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<List<StripeSurvey>> FindResponsibleAsync(
        List<StripeSurvey> surveys, List<StripeSurvey> others, CancellationToken cancellationToken)
    {
        var mine = new List<StripeSurvey>();
        List<StripeSurvey> open = surveys;
        while (open.Count > 0)
        {
            var questions = new Dictionary<NodeId, (Member Member, List<StripeSurvey> Stripes)>();
            var asked = new List<StripeSurvey>();
            foreach (StripeSurvey survey in open)
            {
                if (NextToAsk(survey) is not { } member)
                {
                    mine.Add(survey);
                    continue;
                }
                asked.Add(survey);
                Question(questions, member, survey);
            }
            await AskAsync(questions, cancellationToken);
            ILookup<bool, StripeSurvey> settled = asked.ToLookup(static survey => survey.HoldsAny(survey.Ranked[survey.Position].Id));
            others.AddRange(settled[true]);
            open = [.. settled[false]];
        }
        return mine;
    }

    /// <summary>Asks every member that was not asked yet; in a large cluster first those where the blobs should be.</summary>
    public async ValueTask AskRestAsync(List<StripeSurvey> mine, CancellationToken cancellationToken)
    {
        await AskUpToAsync(mine, static survey => survey.Ranked.Count <= SmallCluster
            ? survey.Ranked.Count
            : Math.Min(survey.Ranked.Count, survey.Descriptor.TotalBlobs + 2), cancellationToken);
        await AskUpToAsync(mine.FindAll(static survey => !survey.LooksComplete()), static survey => survey.Ranked.Count, cancellationToken);
    }

    /// <summary>Asks every member that was not asked yet, in a large cluster too: surplus may be anywhere.</summary>
    public ValueTask AskAllAsync(List<StripeSurvey> surveys, CancellationToken cancellationToken) =>
        AskUpToAsync(surveys, static survey => survey.Ranked.Count, cancellationToken);

    /// <summary>
    /// Gives the descriptor to every holder found so far that lacks it, and returns how many did. A responsible member without the
    /// descriptor would be a stripe without repair, so the other holders look after that one.
    /// </summary>
    public async ValueTask<int> GiveDescriptorsAsync(List<StripeSurvey> surveys, CancellationToken cancellationToken)
    {
        var questions = new Dictionary<NodeId, (Member Member, List<StripeSurvey> Stripes)>();
        foreach (StripeSurvey survey in surveys)
        {
            foreach (Member holder in survey.AllHolders())
            {
                if (holder.Id != _context.Self && !IsUnreachable(holder.Id))
                    Question(questions, holder, survey);
            }
        }
        int[] given =
            await Task.WhenAll(questions.Values.Select(question => GiveAsync(question.Member, question.Stripes, cancellationToken)));
        return given.Sum();
    }

    /// <summary>
    /// Asks the other members for descriptors that this node has lost, and keeps those that are what their names say. Returns how many.
    /// </summary>
    public async ValueTask<int> RecoverDescriptorsAsync(IReadOnlyCollection<BlobId> stripes, CancellationToken cancellationToken)
    {
        BlobId[] lost = [.. stripes.Where(stripe => !_context.Store.ContainsDescriptor(stripe))];
        HashSet<BlobId> missing = await DescriptorFetch.RunAsync(
            _context.Store, lost, _view.Living.Where(member => member.Id != _context.Self && !IsUnreachable(member.Id)), _context.Peers.FindAsync,
            MarkUnreachable,
            (member, taken, token) => _context.Companions?.TakenAsync(member, taken, token) ?? default, cancellationToken);
        return lost.Length - missing.Count;
    }

    /// <summary>What is to be done about a stripe, by what is known now.</summary>
    public StripePlan Plan(StripeSurvey survey)
    {
        Member[] takers = [.. survey.Ranked.Where(member => !member.IsSuspended && !IsUnreachable(member.Id) && !_context.Full.Contains(member.Id))];
        Member[] excused = [.. _graced, .. _view.Living.Where(member => IsUnreachable(member.Id))];
        return StripePlan.Create(survey, takers, excused, SpreadOf(survey), _context.Hints?.LikelyToFail);
    }

    /// <summary>Whether a living member failed to answer in this cycle.</summary>
    public bool IsUnreachable(NodeId id)
    {
        lock (_gate)
            return _unreachable.Contains(id);
    }

    /// <summary>A living member failed to answer.</summary>
    public void MarkUnreachable(Member member, MegatorrentException exception)
    {
        lock (_gate)
        {
            if (!_unreachable.Add(member.Id))
                return;
        }
        _context.Log.Info($"repair goes on without member {member.Id.ToShortString()}: {exception.Message}");
    }

    private static int IndexOf(IReadOnlyList<Member> ranked, NodeId id)
    {
        for (int i = 0; i < ranked.Count; i++)
        {
            if (ranked[i].Id == id)
                return i;
        }
        return ranked.Count;
    }

    // The next member in rank order whose answer could take the stripe off this node; null when it is this node's.
    private Member? NextToAsk(StripeSurvey survey)
    {
        for (; survey.Position < survey.Ranked.Count; survey.Position++)
        {
            Member member = survey.Ranked[survey.Position];
            if (member.Id == _context.Self)
            {
                if (survey.HoldsAny(member.Id))
                    return null;
            }
            else if (!survey.WasAsked(member.Id) && !IsUnreachable(member.Id))
            {
                return member;
            }
        }
        return null;
    }

    private async ValueTask AskUpToAsync(List<StripeSurvey> surveys, Func<StripeSurvey, int> count, CancellationToken cancellationToken)
    {
        var questions = new Dictionary<NodeId, (Member Member, List<StripeSurvey> Stripes)>();
        foreach (StripeSurvey survey in surveys)
        {
            int end = count(survey);
            for (int i = 0; i < end; i++)
            {
                Member member = survey.Ranked[i];
                if (!survey.WasAsked(member.Id) && !IsUnreachable(member.Id))
                    Question(questions, member, survey);
            }
        }
        await AskAsync(questions, cancellationToken);
    }

    private static void Question(
        Dictionary<NodeId, (Member Member, List<StripeSurvey> Stripes)> questions, Member member, StripeSurvey survey)
    {
        if (!questions.TryGetValue(member.Id, out (Member Member, List<StripeSurvey> Stripes) question))
            questions.Add(member.Id, question = (member, []));
        question.Stripes.Add(survey);
    }

    // Members answer side by side; each answer is taken in after all have come, so that surveys are touched by one at a time.
    private async ValueTask AskAsync(
        Dictionary<NodeId, (Member Member, List<StripeSurvey> Stripes)> questions, CancellationToken cancellationToken)
    {
        if (questions.Count == 0)
            return;
        (Member Member, List<StripeSurvey> Stripes, bool[]? Has)[] answers = await Task.WhenAll(
            questions.Values.Select(question => WantAsync(question.Member, question.Stripes, cancellationToken)));
        foreach ((Member member, List<StripeSurvey> stripes, bool[]? has) in answers)
        {
            int at = 0;
            foreach (StripeSurvey survey in stripes)
            {
                int count = survey.Descriptor.Ids.Length;
                if (has is not null)
                    survey.Answered(member, has.AsSpan(at, count));
                at += count;
            }
        }
    }

    private async Task<(Member Member, List<StripeSurvey> Stripes, bool[]? Has)> WantAsync(
        Member member, List<StripeSurvey> stripes, CancellationToken cancellationToken)
    {
        var ids = new List<BlobId>();
        foreach (StripeSurvey survey in stripes)
            ids.AddRange(survey.Descriptor.Ids);
        try
        {
            return (member, stripes, await _context.Peers.WantAsync(member, ids.ToArray(), cancellationToken));
        }
        catch (MegatorrentException exception)
        {
            MarkUnreachable(member, exception);
            return (member, stripes, null);
        }
    }

    private async Task<int> GiveAsync(Member member, List<StripeSurvey> stripes, CancellationToken cancellationToken)
    {
        int given = 0;
        try
        {
            byte[]?[] found =
                await _context.Peers.FindAsync(member, stripes.ConvertAll(static survey => survey.Id).ToArray(), cancellationToken);
            for (int i = 0; i < found.Length; i++)
            {
                if (found[i] is not null)
                    continue;
                StripeDescriptor descriptor = stripes[i].Descriptor;
                await _context.Peers.StoreAsync(member, descriptor.Id, ReadOnlyMemory<byte>.Empty, descriptor.Encoded, cancellationToken);
                if (_context.Companions is { } companions)
                    await companions.GivenAsync(member, descriptor.Id, cancellationToken);
                given++;
            }
        }
        catch (MegatorrentException exception)
        {
            MarkUnreachable(member, exception);
        }
        return given;
    }
}
