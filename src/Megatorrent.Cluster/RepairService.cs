using System.Globalization;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster;

/// <summary>
/// Keeps every stripe that this node holds a part of at full strength: runs a cycle when the membership changes, when a dead member's grace
/// time is over, on notice, after a scrub that found damage, on request and periodically. Never deletes. Thread-safe.
/// </summary>
public sealed class RepairService : IAsyncDisposable
{
    // A descriptor comes with every blob, so a holder without one is rare; asking costs a disk read a stripe at every holder.
    private const int DescriptorCheckCycles = 24;

    // Lost blobs remembered, 32 bytes each; damage beyond that waits for the responsible members' own cycles.
    private const int MaxDamaged = 65_536;

    private readonly RepairContext _context;
    private readonly Func<ClusterView> _view;
    private readonly AsyncSignal _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<BlobId> _damaged = [];
    private Task _loop = Task.CompletedTask;
    private ClusterView _seen = ClusterView.Empty;
    private CycleResult? _last;
    private string? _reason;
    private bool _ignoreGrace;
    private bool _checkDescriptors = true;
    private bool _running;
    private bool _settled;
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

    /// <summary>
    /// This node's copy of a blob was found damaged and is gone. Asks for a cycle soon in which the node restores the blob's stripe itself:
    /// the member responsible for it would only see the loss in its next periodic cycle.
    /// </summary>
    public void Damaged(BlobId id)
    {
        lock (_gate)
        {
            if (_damaged.Count < MaxDamaged)
                _damaged.Add(id);
        }
        Trigger("a blob of this node was damaged");
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

    /// <summary>Takes a new view: a member that came, returned or was removed is a reason for a cycle; one that died is, after its grace time.</summary>
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
            else if (member.IsLiving && (old!.Domain != member.Domain || old.Weight != member.Weight || old.Endpoint != member.Endpoint))
                reason ??= $"member {member.Id.ToShortString()} changed";
            else if (!member.IsLiving && old is { IsLiving: true })
            {
                died = true;
                if (GraceEnd(member) <= judged) // heard of late: no timer will come for it
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
        await _stop.CancelAsync();
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
            DateTimeOffset end = GraceEnd(member);
            if (end > _graceJudged && end < first)
                first = end;
        }
        return first;
    }

    private DateTimeOffset GraceEnd(Member member) => member.Since + TimeSpan.FromMilliseconds(_context.Options.GraceMs);

    private async ValueTask RunCycleAsync(CancellationToken stop)
    {
        string reason;
        bool ignoreGrace, checkDescriptors;
        HashSet<BlobId> damaged;
        lock (_gate)
        {
            damaged = [.. _damaged];
            reason = _reason ?? "";
            ignoreGrace = _ignoreGrace;
            checkDescriptors = _checkDescriptors || _cycles % DescriptorCheckCycles == 0;
            _reason = null;
            _ignoreGrace = false;
            _checkDescriptors = false;
            _running = true;
            _graceJudged = _context.Time.GetUtcNow();
        }
        _context.Log.Debug($"repair cycle begins: {reason}");
        CycleResult? result = null;
        try
        {
            result = await new RepairCycle(_context, _view(), ignoreGrace, checkDescriptors, damaged).RunAsync(stop);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            _context.Log.Error($"repair cycle failed: {exception.Message}"); // whatever it was: the next cycle must come
        }
        if (result is { WantsAnother: false })
        {
            lock (_gate)
                _damaged.ExceptWith(damaged); // the stripes were found whole, or wait for members
        }
        Conclude(result, checkDescriptors, ignoreGrace);
        if (result is null)
            return;
        Report(result);
        CycleCompleted?.Invoke(result);
    }

    private void Conclude(CycleResult? result, bool checkDescriptors, bool ignoreGrace)
    {
        lock (_gate)
        {
            _running = false;
            DateTimeOffset now = _context.Time.GetUtcNow();
            _next = now + TimeSpan.FromMilliseconds(_context.Options.PeriodMs);
            if (result is null)
            {
                _checkDescriptors |= checkDescriptors;
                _ignoreGrace |= ignoreGrace;
                HoldBack(now);
                return;
            }
            _last = result;
            _cycles++;
            _settled = result.FoundAllWell && _reason is null;
            if (!result.WantsAnother)
            {
                _failedInRow = 0;
                return;
            }

            // What was changed is looked at again, for evidence; what failed is tried again, more and more slowly while nothing moves.
            _ignoreGrace |= ignoreGrace;
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

    private void HoldBack(DateTimeOffset now)
    {
        double pause = _context.Options.RetryMs * Math.Pow(2, Math.Min(_failedInRow++, 16));
        DateTimeOffset retry = now + TimeSpan.FromMilliseconds(Math.Min(pause, _context.Options.PeriodMs));
        _next = retry < _next ? retry : _next;
    }

    private void Report(CycleResult result)
    {
        LogLevel level = result.Failed > 0 ? LogLevel.Warn
            : result.BlobsRestored > 0 || result.Endangered > 0 || result.Waiting > 0 || result.Unrecoverable > 0 ? LogLevel.Info
            : LogLevel.Debug;
        _context.Log.Write(level, string.Create(
            CultureInfo.InvariantCulture,
            $"repair cycle: {result.Responsible} of {result.Known} stripes to look after, {result.Healthy} healthy, {result.Endangered} endangered, {result.Waiting} waiting, {result.Unrecoverable} unrecoverable; {result.BlobsRestored} blobs restored, {result.Failed} failed, {result.Unreachable} members silent, {result.Duration.TotalSeconds:0.0} s"));
    }
}
