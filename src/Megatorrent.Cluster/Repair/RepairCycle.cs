using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// One pass over every stripe whose descriptor this node holds: first a survey, which only asks, in bounded batches; then the stripes that
/// need it are restored, the most endangered first; at last blobs of this node that are too many are deleted, if they may be
/// (<see cref="SurplusRemover"/>). Memory does not grow with the number of stripes.
/// </summary>
internal sealed class RepairCycle
{
    private const int MaxJobs = 65_536;      // stripes to restore in one cycle, the most endangered; 48 bytes each
    private const int MaxHints = 65_536;     // stripes with surplus of which others are told in one cycle, 32 bytes each
    private const int JobGroup = 32;         // surveyed afresh together, just before they are restored
    private const int MaxAttempts = 3;       // at a stripe, each without those who could not give what they had claimed
    private const int NamedMax = 4;          // unrecoverable stripes named in the log

    private readonly RepairContext _context;
    private readonly CycleView _view;
    private readonly CycleResult _result;
    private readonly PriorityQueue<RepairJob, RepairJob> _jobs =
        new(Comparer<RepairJob>.Create(static (left, right) => right.CompareTo(left)));
    private readonly Dictionary<NodeId, (Member Member, List<BlobId> Stripes)> _hints = [];
    private long _bytesToMove;
    private int _hintCount;
    private readonly List<BlobId> _unrecoverable = [];
    private readonly HashSet<BlobId> _bare = [];
    private readonly RepairRequest _request;

    /// <summary>Prepares a cycle.</summary>
    /// <param name="context">The service's parts.</param>
    /// <param name="view">The members now.</param>
    /// <param name="request">What it is to do beyond the usual.</param>
    public RepairCycle(RepairContext context, ClusterView view, RepairRequest request)
    {
        _context = context;
        _request = request;
        DateTimeOffset now = context.Time.GetUtcNow();
        _view = new CycleView(context, view, now, request.IgnoreGrace);
        _result = new CycleResult { Started = now, Members = view.Living.Count };
    }

    /// <summary>Runs it to the end.</summary>
    /// <exception cref="OperationCanceledException">The token fired; what was restored stays.</exception>
    public async ValueTask<CycleResult> RunAsync(CancellationToken cancellationToken)
    {
        long started = _context.Time.GetTimestamp();
        await PlanAsync(cancellationToken);
        await RestoreAllAsync(cancellationToken);
        if (_bare.Count > 0)
            _result.DescriptorsRestored += await _view.RecoverDescriptorsAsync(_bare, cancellationToken);
        await RemoveSurplusAsync(cancellationToken);
        await SendHintsAsync(cancellationToken);
        _result.Unreachable = _view.UnreachableCount;
        _result.Duration = _context.Time.GetElapsedTime(started);
        LogUnrecoverable();
        return _result;
    }

    /// <summary>The survey alone: finds out how every stripe stands and what there is to do, and does nothing about it.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    internal async ValueTask<CycleResult> PlanAsync(CancellationToken cancellationToken)
    {
        if (_request.LostStripes.Count > 0)
            _result.DescriptorsRestored += await _view.RecoverDescriptorsAsync(_request.LostStripes, cancellationToken);
        if (_request.Only is { } only)
        {
            foreach (BlobId[] batch in only.Where(_context.Store.ContainsDescriptor).Order().Chunk(_context.Options.BatchStripes))
                await PlanAsync(batch, cancellationToken);
            return _result;
        }
        var page = new BlobId[_context.Options.BatchStripes];
        int cursor = 0;
        while (_context.Store.ReadDescriptorIds(ref cursor, page) is var count and > 0)
            await PlanAsync(page[..count], cancellationToken);
        return _result;
    }

    private async ValueTask PlanAsync(BlobId[] batch, CancellationToken cancellationToken)
    {
        _result.Known += batch.Length;
        var others = new List<StripeSurvey>();
        List<StripeSurvey> mine = await SurveyAsync(batch, others, cancellationToken);
        foreach (StripeSurvey survey in mine)
            Count(survey);
        await AdoptAsync(others, cancellationToken);
        if (_request.CheckDescriptors)
            _result.DescriptorsRestored += await _view.GiveDescriptorsAsync([.. mine, .. others], cancellationToken);
    }

    private async ValueTask RestoreAllAsync(CancellationToken cancellationToken)
    {
        if (_jobs.Count == 0)
            return;
        var jobs = new RepairJob[_jobs.Count];
        for (int i = jobs.Length - 1; i >= 0; i--)
            jobs[i] = _jobs.Dequeue(); // the least endangered comes out first
        _context.Progress.BeginMoving(_bytesToMove);
        try
        {
            foreach (RepairJob[] group in jobs.Chunk(JobGroup))
            {
                var bytes = group.ToDictionary(static job => job.Stripe, static job => job.Bytes);
                await RestoreAsync([.. group.Select(static job => job.Stripe)], bytes, cancellationToken);
                _context.Progress.Settle(bytes.Values.Sum()); // of stripes that needed nothing any more
            }
        }
        finally
        {
            _context.Progress.EndMoving();
        }
    }

    private async ValueTask RemoveSurplusAsync(CancellationToken cancellationToken)
    {
        foreach (BlobId[] batch in _request.Surplus.Order().Chunk(_context.Options.BatchStripes))
        {
            var surveys = new List<StripeSurvey>(batch.Length);
            foreach (BlobId stripe in batch)
            {
                if (_context.Store.ContainsDescriptor(stripe) && await LoadAsync(stripe, cancellationToken) is { } descriptor)
                    surveys.Add(_view.Survey(descriptor));
            }
            await _view.AskAllAsync(surveys, cancellationToken);
            var remover = new SurplusRemover(_context, _view);
            await remover.RunAsync(surveys, cancellationToken);
            _result.SurplusRemoved += remover.Removed;
            foreach (BlobId stripe in remover.Left)
                _context.Surplus.Suspect(stripe);
        }
    }

    private async ValueTask SendHintsAsync(CancellationToken cancellationToken)
    {
        foreach ((Member member, List<BlobId> stripes) in _hints.Values)
        {
            if (member.Id == _context.Self)
            {
                stripes.ForEach(_context.Surplus.Suspect);
                continue;
            }
            try
            {
                foreach (BlobId[] part in stripes.Chunk(SurplusMessages.MaxHintStripes))
                    await _context.Peers.AskAsync(member, SurplusMessages.HintName, SurplusMessages.EncodeHint(part), cancellationToken);
            }
            catch (MegatorrentException exception)
            {
                _context.Log.Debug($"member {member.Id.ToShortString()} was not told of its surplus: {exception.Message}"); // it costs room
            }
        }
    }

    // Loads descriptors, finds the stripes that this node is responsible for, and who holds what of them.
    private async ValueTask<List<StripeSurvey>> SurveyAsync(
        BlobId[] stripes, List<StripeSurvey> others, CancellationToken cancellationToken)
    {
        var surveys = new List<StripeSurvey>(stripes.Length);
        foreach (BlobId stripe in stripes)
        {
            if (_context.IsEnded(stripe))
                continue;
            if (!_request.IgnoreGrace && _context.Young.Contains(stripe))
                _result.Young++;
            else if (await LoadAsync(stripe, cancellationToken) is { } descriptor)
                surveys.Add(_view.Survey(descriptor));
        }
        List<StripeSurvey> mine = await _view.FindResponsibleAsync(surveys, others, cancellationToken);
        await AskAsync(mine, cancellationToken);
        mine.RemoveAll(survey => _context.IsEnded(survey.Id)); // meanwhile
        return mine;
    }

    // Few stripes are worth asking everybody.
    private ValueTask AskAsync(List<StripeSurvey> surveys, CancellationToken cancellationToken) => _request.Only is null
        ? _view.AskRestAsync(surveys, cancellationToken)
        : _view.AskAllAsync(surveys, cancellationToken);

    private async ValueTask<StripeDescriptor?> LoadAsync(BlobId stripe, CancellationToken cancellationToken)
    {
        try
        {
            byte[]? encoded = await _context.Store.GetDescriptorAsync(stripe, cancellationToken);
            if (encoded is null)
            {
                _bare.Add(stripe); // it was listed a moment ago: found damaged just now
                return null;
            }
            StripeDescriptor descriptor = StripeDescriptor.Decode(encoded);
            if (descriptor.Id == stripe)
                return descriptor;
            _context.Log.Warn($"descriptor of {stripe} describes another stripe and is left aside");
        }
        catch (MegatorrentException exception)
        {
            _result.Failed++;
            _context.Log.Warn($"descriptor of {stripe} cannot be read: {exception.Message}");
        }
        return null;
    }

    // Stripes that another member is responsible for, but of which this node knows a loss that the other does not: a blob that was
    // damaged here. Waiting for the other's next cycle could be an hour.
    private async ValueTask AdoptAsync(List<StripeSurvey> others, CancellationToken cancellationToken)
    {
        if (_request.LostBlobs.Count == 0 && _request.Only is null)
            return;
        List<StripeSurvey> adopted = others.FindAll(IsHit);
        await AskAsync(adopted, cancellationToken);
        foreach (StripeSurvey survey in adopted)
        {
            StripePlan plan = _view.Plan(survey);
            Enqueue(survey, plan);
            Hint(survey, plan);
        }
    }

    private bool IsHit(StripeSurvey survey)
    {
        if (_request.Only?.Contains(survey.Id) == true)
            return true;
        foreach (BlobId id in survey.Descriptor.Ids)
        {
            if (_request.LostBlobs.Contains(id))
                return true;
        }
        return false;
    }

    private void Count(StripeSurvey survey)
    {
        StripePlan plan = _view.Plan(survey);
        _result.Responsible++;
        switch (plan.Verdict)
        {
            case StripeVerdict.Healthy:
                _result.Healthy++;
                _result.Crowded += plan.Work.Count > 0 ? 1 : 0;
                break;
            case StripeVerdict.Endangered:
                _result.Endangered++;
                break;
            case StripeVerdict.Waiting:
                _result.Waiting++;
                break;
            default:
                _result.Unrecoverable++;
                if (_unrecoverable.Count < NamedMax)
                    _unrecoverable.Add(survey.Id);
                break;
        }
        Enqueue(survey, plan);
        Hint(survey, plan);
    }

    // Whoever holds too much of a whole stripe is told; it finds out for itself whether it is so.
    private void Hint(StripeSurvey survey, StripePlan plan)
    {
        if (plan.Verdict != StripeVerdict.Healthy || plan.Work.Count > 0 || !survey.HasSurplus() || !_view.IsCalm
            || survey.AllHolders().Any(holder => _context.IsLikelyToFail(holder.Id))) // a copy ahead of a failure is none too many
        {
            return;
        }
        _result.Surplus++;
        foreach (Member holder in new SurplusRule(survey, _view.SpreadOf(survey)).Holders())
        {
            if (_hintCount == MaxHints)
                return;
            _hintCount++;
            if (!_hints.TryGetValue(holder.Id, out (Member Member, List<BlobId> Stripes) hint))
                _hints.Add(holder.Id, hint = (holder, []));
            hint.Stripes.Add(survey.Id);
        }
    }

    private void Enqueue(StripeSurvey survey, StripePlan plan)
    {
        if (plan.Work.Count == 0)
            return;
        long bytes = StripeRestorer.BytesOf(survey, plan, _context.Self);
        _bytesToMove += bytes;
        (int domainMargin, int margin) = Urgency(plan);
        var job = new RepairJob(domainMargin, margin, survey.Id, bytes);
        if (_jobs.Count < MaxJobs)
        {
            _jobs.Enqueue(job, job);
            return;
        }
        _result.Overflow = true;
        _jobs.EnqueueDequeue(job, job); // the least endangered is left for the next cycle
    }

    // The fewest domains and blobs to spare first; a blob that is expected to go counts as gone, but after one that is.
    private static (int DomainMargin, int Margin) Urgency(StripePlan plan)
    {
        bool isWhole = plan.Verdict == StripeVerdict.Healthy;
        return isWhole && plan.Shaky == 0
            ? (int.MaxValue, int.MaxValue)
            : (plan.DomainMargin - plan.Shaky, (2 * (plan.Margin - plan.Shaky)) + (isWhole ? 1 : 0));
    }

    // What the survey found may be minutes old by now: it is asked again, so that nothing is rebuilt that has come back.
    private async ValueTask RestoreAsync(BlobId[] group, Dictionary<BlobId, long> bytes, CancellationToken cancellationToken)
    {
        var others = new List<StripeSurvey>();
        List<StripeSurvey> mine = await SurveyAsync(group, others, cancellationToken);
        List<StripeSurvey> adopted = others.FindAll(IsHit);
        await AskAsync(adopted, cancellationToken);
        mine.AddRange(adopted);
        if (!_request.CheckDescriptors)
            _result.DescriptorsRestored += await _view.GiveDescriptorsAsync(mine, cancellationToken);
        mine.Sort((left, right) => Array.IndexOf(group, left.Id).CompareTo(Array.IndexOf(group, right.Id)));
        var queue = new Queue<StripeSurvey>(mine);
        var workers = new Task[Math.Min(_context.Options.Concurrency, queue.Count)];
        for (int i = 0; i < workers.Length; i++)
            workers[i] = WorkAsync(queue, bytes, cancellationToken);
        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(Queue<StripeSurvey> queue, Dictionary<BlobId, long> bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            StripeSurvey? survey;
            lock (queue)
            {
                if (!queue.TryDequeue(out survey))
                    return;
            }
            (int left, int restored) = (0, 0);
            for (int attempt = 0; attempt < MaxAttempts && _view.Plan(survey) is { Work.Count: > 0 } plan; attempt++)
            {
                var restorer = new StripeRestorer(_context, _view, survey, plan);
                (int done, int more) = await RestoreAsync(restorer, survey.Id, cancellationToken);
                restored += more;
                left = plan.Work.Count - done; // stays when another plan finds nothing to be done now: it is tried again later
                if (left == 0 || !restorer.HasLostSources)
                    break;
            }
            lock (queue)
            {
                _result.BlobsRestored += restored;
                _result.Failed += left;
                if (bytes.Remove(survey.Id, out long settled))
                    _context.Progress.Settle(settled);
            }
        }
    }

    private async ValueTask<(int Done, int Restored)> RestoreAsync(StripeRestorer restorer, BlobId stripe, CancellationToken cancellationToken)
    {
        (int Done, int Restored) result = default;
        _context.Progress.Begin();
        try
        {
            result = await restorer.RunAsync(cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _context.Log.Warn($"stripe {stripe}: {exception.Message}");
        }
        finally
        {
            _context.Progress.End(result.Restored);
        }
        return result;
    }

    private void LogUnrecoverable()
    {
        if (_unrecoverable.Count == 0)
            return;
        string more = _result.Unrecoverable > _unrecoverable.Count ? ", …" : "";
        _context.Log.Error(
            $"{_result.Unrecoverable} stripes have fewer blobs on living nodes than it takes to read them; bring nodes back. "
            + $"They are: {string.Join(", ", _unrecoverable)}{more}");
    }
}
