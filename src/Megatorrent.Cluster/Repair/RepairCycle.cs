using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// One pass over every stripe whose descriptor this node holds: first a survey, which only asks, in bounded batches; then the stripes that
/// need it are restored, the most endangered first. Never deletes anything.
/// </summary>
internal sealed class RepairCycle
{
    private const int MaxJobs = 65_536;      // stripes to restore in one cycle, 40 bytes each
    private const int JobGroup = 32;         // surveyed afresh together, just before they are restored
    private const int NamedMax = 4;          // unrecoverable stripes named in the log

    private readonly RepairContext _context;
    private readonly CycleView _view;
    private readonly CycleResult _result;
    private readonly List<(int Margin, BlobId Stripe)> _jobs = [];
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
        if (_request.LostStripes.Count > 0)
            _result.DescriptorsRestored += await _view.RecoverDescriptorsAsync(_request.LostStripes, cancellationToken);
        BlobId[] known = [.. _context.Store.Descriptors];
        _result.Known = known.Length;
        for (int at = 0; at < known.Length; at += _context.Options.BatchStripes)
        {
            BlobId[] batch = known[at..Math.Min(known.Length, at + _context.Options.BatchStripes)];
            var others = new List<StripeSurvey>();
            List<StripeSurvey> mine = await SurveyAsync(batch, others, cancellationToken);
            foreach (StripeSurvey survey in mine)
                Count(survey);
            await AdoptAsync(others, cancellationToken);
            if (_request.CheckDescriptors)
                _result.DescriptorsRestored += await _view.GiveDescriptorsAsync([.. mine, .. others], cancellationToken);
        }

        _jobs.Sort();
        for (int at = 0; at < _jobs.Count; at += JobGroup)
        {
            BlobId[] group = [.. _jobs.GetRange(at, Math.Min(JobGroup, _jobs.Count - at)).Select(static job => job.Stripe)];
            await RestoreAsync(group, cancellationToken);
        }
        if (_bare.Count > 0)
            _result.DescriptorsRestored += await _view.RecoverDescriptorsAsync(_bare, cancellationToken);
        _result.Unreachable = _view.UnreachableCount;
        _result.Duration = _context.Time.GetElapsedTime(started);
        LogUnrecoverable();
        return _result;
    }

    // Loads descriptors, finds the stripes that this node is responsible for, and who holds what of them.
    private async ValueTask<List<StripeSurvey>> SurveyAsync(
        BlobId[] stripes, List<StripeSurvey> others, CancellationToken cancellationToken)
    {
        var surveys = new List<StripeSurvey>(stripes.Length);
        foreach (BlobId stripe in stripes)
        {
            if (!_request.IgnoreGrace && _context.Young.Contains(stripe))
                _result.Young++;
            else if (await LoadAsync(stripe, cancellationToken) is { } descriptor)
                surveys.Add(_view.Survey(descriptor));
        }
        List<StripeSurvey> mine = await _view.FindResponsibleAsync(surveys, others, cancellationToken);
        await _view.AskRestAsync(mine, cancellationToken);
        return mine;
    }

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
        if (_request.LostBlobs.Count == 0)
            return;
        List<StripeSurvey> adopted = others.FindAll(IsHit);
        await _view.AskRestAsync(adopted, cancellationToken);
        foreach (StripeSurvey survey in adopted)
            Enqueue(survey, _view.Plan(survey));
    }

    private bool IsHit(StripeSurvey survey)
    {
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
    }

    private void Enqueue(StripeSurvey survey, StripePlan plan)
    {
        if (plan.Work.Count == 0)
            return;
        if (_jobs.Count == MaxJobs)
            _result.Overflow = true;
        else
            _jobs.Add((Urgency(plan), survey.Id));
    }

    // The fewest blobs to spare first; one that is expected to go counts as gone, but after one that is.
    private static int Urgency(StripePlan plan)
    {
        bool healthy = plan.Verdict == StripeVerdict.Healthy;
        return healthy && plan.Shaky == 0 ? int.MaxValue : 2 * (plan.Margin - plan.Shaky) + (healthy ? 1 : 0);
    }

    // What the survey found may be minutes old by now: it is asked again, so that nothing is rebuilt that has come back.
    private async ValueTask RestoreAsync(BlobId[] group, CancellationToken cancellationToken)
    {
        var others = new List<StripeSurvey>();
        List<StripeSurvey> mine = await SurveyAsync(group, others, cancellationToken);
        List<StripeSurvey> adopted = others.FindAll(IsHit);
        await _view.AskRestAsync(adopted, cancellationToken);
        mine.AddRange(adopted);
        if (!_request.CheckDescriptors)
            _result.DescriptorsRestored += await _view.GiveDescriptorsAsync(mine, cancellationToken);
        mine.Sort((left, right) => Array.IndexOf(group, left.Id).CompareTo(Array.IndexOf(group, right.Id)));
        var queue = new Queue<StripeSurvey>(mine);
        var workers = new Task[Math.Min(_context.Options.Concurrency, queue.Count)];
        for (int i = 0; i < workers.Length; i++)
            workers[i] = WorkAsync(queue, cancellationToken);
        await Task.WhenAll(workers);
    }

    private async Task WorkAsync(Queue<StripeSurvey> queue, CancellationToken cancellationToken)
    {
        while (true)
        {
            StripeSurvey? survey;
            lock (queue)
            {
                if (!queue.TryDequeue(out survey))
                    return;
            }
            StripePlan plan = _view.Plan(survey);
            if (plan.Work.Count == 0)
                continue;
            int wanted = plan.Work.Count;
            (int done, int restored) = (0, 0);
            _context.Progress.Begin();
            try
            {
                (done, restored) = await new StripeRestorer(_context, _view, survey, plan).RunAsync(cancellationToken);
            }
            catch (MegatorrentException exception)
            {
                _context.Log.Warn($"stripe {survey.Id}: {exception.Message}");
            }
            finally
            {
                _context.Progress.End(restored);
            }
            lock (queue)
            {
                _result.BlobsRestored += restored;
                _result.Failed += wanted - done;
            }
        }
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
