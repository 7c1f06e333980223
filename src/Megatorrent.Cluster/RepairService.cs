using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;

namespace Megatorrent.Cluster;

/// <summary>
/// Keeps every stripe that this node holds a part of at full strength: runs a cycle when the membership changes, when a dead member's grace
/// time is over, on notice, after a scrub that found damage, on request and periodically; a cycle over single stripes when the comparison
/// with the others finds them different, or when surplus of theirs may go. Thread-safe. Rules: docs/spec/repair.md.
/// </summary>
public sealed partial class RepairService : IRepairThrottle, IAsyncDisposable
{
    // A descriptor comes with every blob, so a holder without one is rare; asking costs a disk read a stripe at every holder.
    private const int DescriptorCheckCycles = 24;

    // Losses remembered until a cycle has dealt with them, 2 MiB of ids; what is beyond is found by the periodic cycles.
    private const int MaxLost = 65_536;

    // Stripes whose surplus is dealt with in one cycle, so that it does not keep repair from its work for long.
    private const int MaxSurplus = 4096;

    private readonly RepairContext _context;
    private readonly Func<ClusterView> _view;
    private readonly AsyncSignal _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _loop = Task.CompletedTask;
    private ClusterView _seen = ClusterView.Empty;
    private CycleResult? _last;
    private readonly HashSet<BlobId> _lostBlobs = [];
    private readonly HashSet<BlobId> _lostStripes = [];
    private readonly HashSet<BlobId> _different = [];
    private DateTimeOffset _lostJudged = DateTimeOffset.MinValue;
    private string? _reason;
    private bool _ignoreGrace;
    private bool _checkDescriptors = true;
    private bool _running;
    private bool _settled;
    private bool _storedSince; // the last cycle began
    private int _failedInRow;
    private long _cycles;
    private DateTimeOffset _next = DateTimeOffset.MaxValue;
    private DateTimeOffset _periodic = DateTimeOffset.MaxValue; // the next full cycle when nothing happens
    private DateTimeOffset _surveyed = DateTimeOffset.MinValue; // end of the last full cycle
    private DateTimeOffset? _foundEqual; // when the comparison with the others last found no difference
    private DateTimeOffset _graceJudged = DateTimeOffset.MinValue;

    /// <summary>Puts the service together; <see cref="Start"/> starts it.</summary>
    internal RepairService(RepairContext context, Func<ClusterView> view)
    {
        context.Options.Validate();
        _context = context;
        _view = view;
        _signal = new AsyncSignal(context.Time);
    }

    /// <summary>What repair works with, for the services beside it.</summary>
    internal RepairContext Context => _context;

    /// <inheritdoc/>
    public long BytesPerSecond
    {
        get => _context.Rate.BytesPerSecond;

        set
        {
            long rate = _context.Options.ClampRate(value);
            _context.Rate.BytesPerSecond = rate;
            _context.Log.Info(rate == 0 ? "repair rate: no limit" : $"repair rate: {rate} bytes a second");
        }
    }

    /// <inheritdoc/>
    public long LeastBytesPerSecond => _context.Options.LeastBytesPerSecond;

    /// <inheritdoc/>
    public long MostBytesPerSecond => _context.Options.MostBytesPerSecond;

    /// <summary>The numbers for the node's status.</summary>
    public RepairStatus Status
    {
        get
        {
            (long toMove, long done, long rate, long secondsLeft) = _context.Progress.Now(BytesPerSecond);
            lock (_gate)
            {
                CycleResult? last = _last;
                return new RepairStatus
                {
                    StripesKnown = last?.Known ?? 0,
                    StripesResponsible = last?.Responsible ?? 0,
                    StripesHealthy = last?.Healthy ?? 0,
                    StripesEndangered = last?.Endangered ?? 0,
                    StripesWaiting = last?.Waiting ?? 0,
                    StripesUnrecoverable = last?.Unrecoverable ?? 0,
                    StripesUnderRepair = _context.Progress.UnderRepair,
                    StripesRepairedTotal = _context.Progress.StripesRepaired,
                    BlobsRestoredTotal = _context.Progress.BlobsRestored,
                    BytesMovedTotal = _context.Progress.BytesMoved,
                    BytesToMove = toMove,
                    BytesDone = done,
                    BytesPerSecond = rate,
                    SecondsLeft = secondsLeft,
                    LimitBytesPerSecond = BytesPerSecond,
                    StripesSurplus = last?.Surplus ?? 0,
                    SurplusRemovedTotal = _context.Surplus.Numbers.Removed,
                    Cycles = _cycles,
                    CycleMs = (long)(last?.Duration.TotalMilliseconds ?? 0),
                    CycleStartedUnixMs = last?.Started.ToUnixTimeMilliseconds() ?? 0,
                    CycleMembers = last?.Members ?? 0,
                    Running = _running,
                    Settled = _settled,
                };
            }
        }
    }

    /// <summary>What is known of the future, from the next cycle on.</summary>
    internal IRepairHints Hints
    {
        set => _context.Hints = value;
    }

    /// <summary>The members as repair goes by them: without those expelled, those suspended marked.</summary>
    internal ClusterView View => _view();

    /// <summary>Whether this node stays: what one that drains or was removed holds is no reason for others to delete theirs.</summary>
    internal bool IsStaying => View.Find(_context.Self) is { TakesBlobs: true };

    /// <summary>Keeps repair below its configured rate until further notice; null ends it.</summary>
    internal void LimitRate(long? bytesPerSecond) => _context.Rate.Limit = bytesPerSecond;

    /// <summary>Raised after every complete cycle, on the service's loop; handlers must be quick and must not throw.</summary>
    internal event Action<CycleResult>? CycleCompleted;

    /// <summary>Starts the loop with a first cycle.</summary>
    internal void Start()
    {
        Trigger("start");
        _loop = RunAsync();
    }

    /// <summary>Asks for a cycle soon. Several reasons within the debounce time are one cycle.</summary>
    /// <param name="reason">Why, for the log.</param>
    public void Trigger(string reason)
    {
        lock (_gate)
        {
            _reason ??= reason;
            _settled = false;
        }
        _signal.Set();
    }

    /// <summary>Asks for a cycle soon that does not wait for members within their grace time, and that tries full members again.</summary>
    public void RepairNow()
    {
        lock (_gate)
        {
            _ignoreGrace = true;
            _checkDescriptors = true;
        }
        _context.Full.Clear();
        Trigger("repair-now");
    }

    /// <summary>
    /// Asks for a cycle that looks after the stripes of these blobs, whoever is responsible for them. Such cycles are at least the retry
    /// time apart, so that notices cannot keep a node busy.
    /// </summary>
    /// <param name="blobs">Blobs that were found damaged or missing.</param>
    /// <param name="stripes">Stripes whose descriptor was found damaged here.</param>
    /// <param name="reason">Why, for the log.</param>
    internal void Lost(IEnumerable<BlobId> blobs, IEnumerable<BlobId> stripes, string reason)
    {
        lock (_gate)
        {
            AddBounded(_lostBlobs, blobs);
            AddBounded(_lostStripes, stripes);
            _settled = false;
            DateTimeOffset earliest = _lostJudged == DateTimeOffset.MinValue ? _lostJudged
                : _lostJudged.AddMilliseconds(_context.Options.RetryMs);
            if (earliest <= _context.Time.GetUtcNow())
                _reason ??= reason;
            else if (earliest < _next)
                _next = earliest;
        }
        _signal.Set();
    }

    /// <summary>
    /// Asks for a cycle over stripes that the comparison with the other members found different from what they should be. This node
    /// restores them, whoever is responsible; where it lacks the descriptor, it fetches that first.
    /// </summary>
    /// <param name="stripes">The stripes.</param>
    internal void Differ(IReadOnlyCollection<BlobId> stripes)
    {
        lock (_gate)
        {
            AddBounded(_different, stripes);
            _foundEqual = null;
        }
        _signal.Set();
    }

    /// <summary>The comparison with the other members found no difference: the next full cycle may wait.</summary>
    internal void FoundEqual()
    {
        lock (_gate)
            _foundEqual = _context.Time.GetUtcNow();
    }

    /// <summary>A client or another node stored these blobs or asked for them: none of them is deleted as surplus for a while.</summary>
    internal void Touched(ReadOnlySpan<BlobId> blobs)
    {
        foreach (ref readonly BlobId blob in blobs)
            _context.Surplus.Touch(in blob);
    }

    /// <summary>Looks again at what there is to do.</summary>
    internal void Wake() => _signal.Set();

    /// <summary>Surveys every stripe by a view, and changes nothing: what a cycle would do first.</summary>
    internal ValueTask<CycleResult> PlanAsync(ClusterView view, CancellationToken cancellationToken) =>
        new RepairCycle(_context, view, new RepairRequest { IgnoreGrace = true }).PlanAsync(cancellationToken);

    /// <summary>
    /// A blob was stored here. What another node's repair stored may have made this node responsible for the stripe; what a client stored
    /// may be part of a stripe whose other parts did not arrive. Both are looked at in a while, together with what comes until then.
    /// </summary>
    /// <param name="stripe">The stripe that it is of.</param>
    /// <param name="byNode">Whether a node stored it, not a client.</param>
    internal void Stored(BlobId stripe, bool byNode)
    {
        if (!byNode)
            _context.Young.Add(stripe);
        lock (_gate)
        {
            _settled = false;
            _storedSince = true;
            double lastMs = _last?.Duration.TotalMilliseconds ?? 0;
            double pauseMs = byNode
                ? Math.Max(_context.Options.DebounceMs, 4 * lastMs)
                : Math.Max(_context.Options.ConfirmPutsMs, 20 * lastMs);
            DateTimeOffset due = _context.Time.GetUtcNow().AddMilliseconds(Math.Min(pauseMs, _context.Options.PeriodMs));
            if (due >= _next)
                return;
            _next = due;
        }
        _signal.Set();
    }

    /// <summary>
    /// Takes a new view: a member that came, returned or was removed is a reason for a cycle; one that died is, after its grace time.
    /// </summary>
    internal void MembershipChanged(ClusterView view)
    {
        ClusterView before;
        lock (_gate)
        {
            before = _seen;
            _seen = view;
        }
        bool died = false;
        string? reason = null;
        DateTimeOffset judged;
        lock (_gate)
            judged = _graceJudged;
        foreach (Member member in view.Members)
        {
            Member? old = before.Find(member.Id);
            if (member.IsLiving && old is not { IsLiving: true })
                reason ??= $"member {member.Id.ToShortString()} {(old is null ? "joined" : "returned")}";
            else if (member.IsLiving && (old!.Domain != member.Domain || old.Weight != member.Weight
                || old.Endpoint != member.Endpoint || old.Mode != member.Mode || old.PlaceId != member.PlaceId))
                reason ??= $"member {member.Id.ToShortString()} changed";
            else if (!member.IsLiving && old is { IsLiving: true })
            {
                died = true;
                if (_context.IsLikelyToFail(member.Id)) // it was expected, and is not waited for
                    reason ??= $"member {member.Id.ToShortString()} died as forecast";
                else if (GraceEnd(member) <= judged) // heard of late: no timer will come for it
                    reason ??= $"member {member.Id.ToShortString()} died a while ago";
            }
        }
        if (before.Members.Any(old => view.Find(old.Id) is null))
            reason ??= "a member was removed";
        if (reason is not null || died)
            _context.Surplus.Restart();
        if (reason is not null)
            Trigger(reason);
        else if (died)
            Died();
    }

    /// <summary>Stops the loop; a cycle that runs is cut, what it stored stays.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await _loop;
        _stop.Dispose();
    }

    // A death is no work yet, but the evidence of a settled cluster is void, and there is a new time to wake at.
    private void Died()
    {
        lock (_gate)
            _settled = false;
        _signal.Set();
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                await WaitForReasonAsync(stop);
                if (_context.Options.DebounceMs > 0)
                    await Task.Delay(TimeSpan.FromMilliseconds(_context.Options.DebounceMs), _context.Time, stop);
                await RunCycleAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async ValueTask WaitForReasonAsync(CancellationToken stop)
    {
        while (true)
        {
            DateTimeOffset now = _context.Time.GetUtcNow();
            DateTimeOffset next;
            lock (_gate)
            {
                DateTimeOffset graceEnd = NextGraceEnd();
                if (graceEnd <= now)
                    _reason ??= "a member has been dead past its grace time";
                PutOffPeriodic(now);
                if (_next <= now || _periodic <= now)
                    _reason ??= "its time has come";
                TimeSpan? surplus = _context.Surplus.UntilDue();
                if (_reason is not null || _different.Count > 0 || surplus == TimeSpan.Zero)
                    return;
                next = _next < graceEnd ? _next : graceEnd;
                next = _periodic < next ? _periodic : next;
                next = surplus is { } wait && now + wait < next ? now + wait : next;
            }
            await _signal.WaitAsync(next - now, stop);
        }
    }

    // While the comparison with the others finds no difference, the full cycle is only a safety net and has a longer period.
    private void PutOffPeriodic(DateTimeOffset now)
    {
        var period = TimeSpan.FromMilliseconds(_context.Options.PeriodMs);
        var quiet = TimeSpan.FromMilliseconds(_context.Options.QuietPeriodMs);
        if (_periodic <= now && _settled && _foundEqual is { } equal && now - equal <= period && _surveyed + quiet > now)
            _periodic = now + period;
    }

    // The first end of a grace time that no cycle has judged yet.
    private DateTimeOffset NextGraceEnd()
    {
        DateTimeOffset first = DateTimeOffset.MaxValue;
        foreach (Member member in _seen.Members)
        {
            if (member.IsLiving)
                continue;
            DateTimeOffset end = PlantedBugs.Has(PlantedBug.GraceNeverEnds) ? DateTimeOffset.MaxValue : GraceEnd(member);
            if (end > _graceJudged && end < first)
                first = end;
        }
        return first;
    }

    private DateTimeOffset GraceEnd(Member member) => member.Since + TimeSpan.FromMilliseconds(_context.Options.GraceMs);
}
