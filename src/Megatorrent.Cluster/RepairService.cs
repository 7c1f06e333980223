using System.Globalization;
using Megatorrent.Cluster.Forecast;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;

namespace Megatorrent.Cluster;

/// <summary>
/// Keeps every stripe that this node holds a part of at full strength: runs a cycle when the membership changes, when a dead member's grace
/// time is over, on notice, after a scrub that found damage, on request and periodically. Never deletes. Thread-safe.
/// </summary>
public sealed class RepairService : IAsyncDisposable
{
    // A descriptor comes with every blob, so a holder without one is rare; asking costs a disk read a stripe at every holder.
    private const int DescriptorCheckCycles = 24;

    // Losses remembered until a cycle has dealt with them, 2 MiB of ids; what is beyond is found by the periodic cycles.
    private const int MaxLost = 65_536;

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
    private DateTimeOffset _graceJudged = DateTimeOffset.MinValue;

    /// <summary>Puts the service together; <see cref="Start"/> starts it.</summary>
    internal RepairService(RepairContext context, Func<ClusterView> view)
    {
        context.Options.Validate();
        _context = context;
        _view = view;
        _signal = new AsyncSignal(context.Time);
    }

    /// <summary>The numbers for the node's status.</summary>
    public RepairStatus Status
    {
        get
        {
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
        if (reason is not null)
            Trigger(reason);
        else if (died)
            Wake();
    }

    /// <summary>Stops the loop; a cycle that runs is cut, what it stored stays.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await _loop;
        _stop.Dispose();
    }

    // A death is no work yet, but the evidence of a settled cluster is void, and there is a new time to wake at.
    private void Wake()
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
                if (_next <= now)
                    _reason ??= "its time has come";
                if (_reason is not null)
                    return;
                next = _next < graceEnd ? _next : graceEnd;
            }
            await _signal.WaitAsync(next - now, stop);
        }
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

    private async ValueTask RunCycleAsync(CancellationToken stop)
    {
        string reason;
        RepairRequest request;
        lock (_gate)
        {
            reason = _reason ?? "";
            request = new RepairRequest
            {
                IgnoreGrace = _ignoreGrace,
                CheckDescriptors = _checkDescriptors || _cycles % DescriptorCheckCycles == 0,
                LostBlobs = new HashSet<BlobId>(_lostBlobs),
                LostStripes = new HashSet<BlobId>(_lostStripes),
            };
            _reason = null;
            _storedSince = false;
            _next = DateTimeOffset.MaxValue;
            _ignoreGrace = false;
            _checkDescriptors = false;
            _running = true;
            _graceJudged = _context.Time.GetUtcNow();
            if (_lostBlobs.Count + _lostStripes.Count > 0)
                _lostJudged = _graceJudged;
            _lostBlobs.Clear();
            _lostStripes.Clear();
        }
        _context.Log.Debug($"repair cycle begins: {reason}");
        CycleResult? result = null;
        try
        {
            result = await new RepairCycle(_context, _view(), request).RunAsync(stop);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            _context.Log.Error($"repair cycle failed: {exception.Message}"); // whatever it was: the next cycle must come
        }
        Conclude(result, request);
        if (result is null)
            return;
        Report(result);
        CycleCompleted?.Invoke(result);
    }

    private void Conclude(CycleResult? result, RepairRequest request)
    {
        lock (_gate)
        {
            _running = false;
            DateTimeOffset now = _context.Time.GetUtcNow();
            DateTimeOffset periodic = now + TimeSpan.FromMilliseconds(_context.Options.PeriodMs);
            _next = periodic < _next ? periodic : _next;
            if (result is null)
            {
                Renew(request);
                HoldBack(now);
                return;
            }
            _last = result;
            _cycles++;
            if (result.Young > 0)
            {
                Renew(request);
                DateTimeOffset grown = now.AddMilliseconds(_context.Options.PutSettleMs);
                _next = grown < _next ? grown : _next;
            }
            if (result.Waiting > 0 && _context.Full.UntilNext() is { } left)
            {
                // A stripe may wait for nothing but a member that was full: the time to look again is when that may be asked again.
                DateTimeOffset again = now + left;
                _next = again < _next ? again : _next;
            }
            _settled = result.FoundAllWell && _reason is null && _lostBlobs.Count == 0 && !_storedSince;
            if (!result.WantsAnother)
            {
                _failedInRow = 0;
                return;
            }

            // What was changed is looked at again, for evidence; what failed is tried again, more and more slowly while nothing moves.
            Renew(request);
            if (result.MadeHeadway && result.Failed == 0 && result.Unreachable == 0)
            {
                _failedInRow = 0;
                _reason ??= "to confirm what was restored";
            }
            else
            {
                HoldBack(now);
            }
        }
    }

    // The next cycle is asked for what this one was.
    private void Renew(RepairRequest request)
    {
        _ignoreGrace |= request.IgnoreGrace;
        _checkDescriptors |= request.CheckDescriptors;
        AddBounded(_lostBlobs, request.LostBlobs);
        AddBounded(_lostStripes, request.LostStripes);
    }

    private static void AddBounded(HashSet<BlobId> set, IEnumerable<BlobId> ids)
    {
        foreach (BlobId id in ids)
        {
            if (set.Count >= MaxLost)
                return;
            set.Add(id);
        }
    }

    private void HoldBack(DateTimeOffset now)
    {
        if (PlantedBugs.Has(PlantedBug.RetryNeverHappens))
            return;
        double pause = _context.Options.RetryMs * Math.Pow(2, Math.Min(_failedInRow++, 16));
        DateTimeOffset retry = now + TimeSpan.FromMilliseconds(Math.Min(pause, _context.Options.PeriodMs));
        _next = retry < _next ? retry : _next;
    }

    private void Report(CycleResult result)
    {
        LogLevel level = result.Failed > 0 ? LogLevel.Warn
            : result.BlobsRestored > 0 || result.Endangered > 0 || result.Waiting > 0 || result.Unrecoverable > 0 ? LogLevel.Info
            : LogLevel.Debug;
        string seconds = result.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        _context.Log.Write(
            level,
            $"repair cycle: {result.Responsible} of {result.Known} stripes to look after, {result.Healthy} healthy, "
            + $"{result.Endangered} endangered, {result.Waiting} waiting, {result.Unrecoverable} unrecoverable; "
            + $"{result.BlobsRestored} blobs restored, {result.Failed} failed, {result.Unreachable} members silent, {seconds} s");
    }
}
