using System.Globalization;
using Megatorrent.Cluster.Repair;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;

namespace Megatorrent.Cluster;

// One cycle, from what was asked for to what follows from it.
public sealed partial class RepairService
{
    private async ValueTask RunCycleAsync(CancellationToken stop)
    {
        string reason;
        RepairRequest request;
        lock (_gate)
        {
            bool isFull = _reason is not null;
            reason = _reason ?? (_different.Count > 0 ? $"{_different.Count} stripes differ" : "surplus may go");
            request = Take(isFull);
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
        if (request.Only is null)
            Conclude(result, request);
        else
            ConcludePart(result);
        if (result is null)
            return;
        Report(result);
        if (request.Only is null)
            CycleCompleted?.Invoke(result);
    }

    // What the cycle is to do. One over single stripes leaves everything else to the next full one.
    private RepairRequest Take(bool isFull)
    {
        var different = new HashSet<BlobId>(_different.Where(stripe => !_context.IsEnded(stripe)));
        _different.Clear();
        HashSet<BlobId> surplus = _context.Surplus.TakeDue(MaxSurplus);
        var unknown = new HashSet<BlobId>(different.Where(stripe => !_context.Store.ContainsDescriptor(stripe)));
        _running = true;
        if (!isFull)
            return new RepairRequest { Only = different, LostStripes = unknown, CheckDescriptors = true, Surplus = surplus };
        unknown.UnionWith(_lostStripes);
        var request = new RepairRequest
        {
            IgnoreGrace = _ignoreGrace,
            CheckDescriptors = _checkDescriptors || _cycles % DescriptorCheckCycles == 0,
            LostBlobs = new HashSet<BlobId>(_lostBlobs),
            LostStripes = unknown,
            Surplus = surplus,
        };
        _reason = null;
        _storedSince = false;
        _next = DateTimeOffset.MaxValue;
        _periodic = DateTimeOffset.MaxValue;
        _ignoreGrace = false;
        _checkDescriptors = false;
        _graceJudged = _context.Time.GetUtcNow();
        if (_lostBlobs.Count + _lostStripes.Count > 0)
            _lostJudged = _graceJudged;
        _lostBlobs.Clear();
        _lostStripes.Clear();
        return request;
    }

    // A cycle over single stripes is no evidence about the others. What it changed or could not do is for a full one to see.
    private void ConcludePart(CycleResult? result)
    {
        lock (_gate)
        {
            _running = false;
            if (result is { WantsAnother: false })
                return;
            _settled = false;
            if (result is { MadeHeadway: true, Failed: 0, Unreachable: 0 })
                _reason ??= "to confirm what was restored";
            else
                HoldBack(_context.Time.GetUtcNow());
        }
    }

    private void Conclude(CycleResult? result, RepairRequest request)
    {
        lock (_gate)
        {
            _running = false;
            DateTimeOffset now = _context.Time.GetUtcNow();
            _periodic = now + TimeSpan.FromMilliseconds(_context.Options.PeriodMs);
            if (result is null)
            {
                Renew(request);
                HoldBack(now);
                return;
            }
            _last = result;
            _cycles++;
            _surveyed = now;
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
        // A stripe may wait for nothing but a member that was full: then the time to look again is when that may be asked again.
        if (_context.Full.UntilNext() is { } left && now + left < retry)
            retry = now + left;
        _next = retry < _next ? retry : _next;
    }

    private void Report(CycleResult result)
    {
        LogLevel level = result.Failed > 0 ? LogLevel.Warn
            : result.BlobsRestored > 0 || result.SurplusRemoved > 0 || result.Endangered > 0 || result.Waiting > 0 || result.Unrecoverable > 0 ? LogLevel.Info
            : LogLevel.Debug;
        string seconds = result.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        _context.Log.Write(
            level,
            $"repair cycle: {result.Responsible} of {result.Known} stripes to look after, {result.Healthy} healthy, "
            + $"{result.Endangered} endangered, {result.Waiting} waiting, {result.Unrecoverable} unrecoverable; "
            + $"{result.BlobsRestored} blobs restored, {result.Failed} failed, {result.SurplusRemoved} too many removed, "
            + $"{result.Unreachable} members silent, {seconds} s");
    }
}
