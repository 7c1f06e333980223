using Megatorrent.Cluster;
using Megatorrent.Core;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Client;

/// <summary>
/// One read of blobs of a stripe, once its holders are known: asks for the blobs wanted; when one is lost asks for others until k are on
/// their way; when one is late asks, within the budget, another holder of it, or for others from which it can be rebuilt. Takes what comes
/// first and cancels the rest. For one caller.
/// </summary>
internal sealed class StripeRead(
    StripeFetcher fetcher, ClusterDirectory directory, ClientOptions options, BlobSet set, StripeHolders holders, int first, int count)
{
    private readonly List<FetchAttempt> _running = [];
    private readonly HashSet<NodeId>[] _tried = CreateSets(holders.Descriptor.Ids.Length);
    private int _pastBudget;

    private StripeDescriptor Descriptor => holders.Descriptor;

    /// <summary>Requests made because an answer was late.</summary>
    public int Hedges { get; private set; }

    /// <summary>Whether the blobs wanted are here.</summary>
    public bool IsDone => Enumerable.Range(first, count).All(set.Has);

    /// <summary>Whether k blobs are here, from which any other can be rebuilt.</summary>
    public bool IsRebuildable => set.Count >= Descriptor.DataShards;

    /// <summary>Blobs wanted that were only late when the read ended: k others were here before.</summary>
    public int Overtaken { get; private set; }

    /// <summary>Returns when the blobs wanted are here, k others are, or nothing more can be had from these holders.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (int index in Enumerable.Range(first, count).Where(index => !set.Has(index)))
                StartNext(index, isHedge: false, cancellationToken);
            while (!IsDone && !IsRebuildable)
            {
                ReplaceLost(cancellationToken);
                if (_running.Count == 0)
                    return;
                await Task.WhenAny(_running.Select(static attempt => (Task)attempt.Blob).Concat(_running.Select(static attempt => attempt.Alarm)));
                await TakeFinishedAsync();
                if (IsDone || IsRebuildable)
                    return;
                foreach (FetchAttempt attempt in _running.FindAll(static attempt => attempt.Alarm.IsCompleted))
                    Late(attempt, cancellationToken);
            }
        }
        finally
        {
            await EndAsync();
        }
    }

    private static HashSet<NodeId>[] CreateSets(int count)
    {
        var sets = new HashSet<NodeId>[count];
        for (int i = 0; i < count; i++)
            sets[i] = [];
        return sets;
    }

    private async ValueTask TakeFinishedAsync()
    {
        foreach (FetchAttempt done in _running.FindAll(static attempt => attempt.Blob.IsCompleted))
        {
            if (!_running.Remove(done))
                continue; // a twin of one that finished with it
            BlobLease? blob;
            using (done)
                blob = await done.Blob;
            if (blob is null)
                continue;
            set.Add(done.Index, blob);
            foreach (FetchAttempt twin in _running.FindAll(attempt => attempt.Index == done.Index))
                await GiveUpAsync(twin);
        }
    }

    // Where a blob that is wanted cannot be had, k blobs must be.
    private void ReplaceLost(CancellationToken cancellationToken)
    {
        bool isLost = false;
        for (int index = 0; index < _tried.Length; index++)
        {
            if (set.Has(index) || IsRunning(index))
                continue;
            bool isWanted = index >= first && index < first + count;
            if (isWanted)
                isLost |= !StartNext(index, isHedge: false, cancellationToken);
        }
        if (!isLost)
            return;
        int missing = Descriptor.DataShards - set.Count - _running.Select(static attempt => attempt.Index).Distinct().Count();
        foreach (int index in Substitutes(avoidLate: false).Take(Math.Max(0, missing)))
            StartNext(index, isHedge: false, cancellationToken);
    }

    private void Late(FetchAttempt late, CancellationToken cancellationToken)
    {
        late.IsLate = true;
        bool stalled = late.Waited >= HedgePolicy.StallDelay;
        int[] others = ToHedge(late.Index);
        if (others.Length > 0 && directory.HedgeBudget.TryTake(others.Length, stalled, out int pastBudget))
        {
            _pastBudget += pastBudget;
            foreach (int index in others)
                StartNext(index, isHedge: true, cancellationToken);
            Hedges += others.Length;
        }
        TimeSpan toStall = HedgePolicy.Whole(HedgePolicy.StallDelay - late.Waited); // who was asked instead may fail, or be late too: look again
        late.Rearm(toStall > TimeSpan.Zero && toStall < HedgePolicy.UnknownDelay ? toStall : HedgePolicy.UnknownDelay);
    }

    // Which blobs to ask for because this one is late: itself of another holder, or others to rebuild it from.
    private int[] ToHedge(int index)
    {
        if (_running.Exists(attempt => attempt.Index == index && !attempt.IsLate))
            return []; // a twin is on its way
        return NextHolder(index, avoidLate: true) is not null ? [index] : SubstitutesForLate();
    }

    // As many blobs, not yet asked for, as together with those here and those not late make k; none if they do not suffice.
    private int[] SubstitutesForLate()
    {
        int onTime = _running.Where(static attempt => !attempt.IsLate).Select(static attempt => attempt.Index).Distinct().Count();
        int missing = Descriptor.DataShards - set.Count - onTime;
        if (missing <= 0)
            return [];
        int[] others = [.. Substitutes(avoidLate: true).Take(missing)];
        return others.Length == missing ? others : [];
    }

    // The blobs not here and not on their way that somebody else may have, those of the quickest nodes first.
    private IEnumerable<int> Substitutes(bool avoidLate) => Enumerable.Range(0, _tried.Length)
        .Where(index => !set.Has(index) && !IsRunning(index) && NextHolder(index, avoidLate) is not null)
        .OrderBy(index => HedgePolicy.ForGet(directory.HealthOf(NextHolder(index, avoidLate)!), Descriptor.LengthOf(index)))
        .ToArray();

    private bool IsRunning(int index) => _running.Exists(attempt => attempt.Index == index);

    private Member? NextHolder(int index, bool avoidLate)
    {
        foreach (Member member in holders.Of(index))
        {
            if (!_tried[index].Contains(member.Id) && !(avoidLate && _running.Exists(attempt => attempt.IsLate && attempt.Member.Id == member.Id)))
                return member;
        }
        return null;
    }

    private bool StartNext(int index, bool isHedge, CancellationToken cancellationToken)
    {
        if ((NextHolder(index, avoidLate: true) ?? NextHolder(index, avoidLate: false)) is not { } member)
            return false;
        _tried[index].Add(member.Id);
        if (!isHedge)
            directory.HedgeBudget.Earn();
        _running.Add(new FetchAttempt(
            index, member, stop => fetcher.FetchFromAsync(Descriptor, index, member, stop), options.Time,
            HedgePolicy.ForGet(directory.HealthOf(member), Descriptor.LengthOf(index)), cancellationToken));
        return true;
    }

    private async ValueTask GiveUpAsync(FetchAttempt attempt)
    {
        _running.Remove(attempt);
        using (attempt)
        {
            if (attempt.IsLate)
                directory.HealthOf(attempt.Member).Overtaken(attempt.Waited, isGet: true);
            await attempt.StopAsync();
        }
    }

    private async ValueTask EndAsync()
    {
        Overtaken = IsRebuildable && !IsDone
            ? Enumerable.Range(first, count).Count(index => !set.Has(index) && IsRunning(index)) : 0;
        bool isRead = IsDone || IsRebuildable;
        foreach (FetchAttempt attempt in _running.ToArray())
        {
            attempt.IsLate &= isRead; // of a read that was given up nobody came first
            await GiveUpAsync(attempt);
        }
        directory.HedgeBudget.Return(_pastBudget);
    }
}
