using System.Globalization;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Audit;

/// <summary>
/// Re-hashes the store segment by segment, spread over the period, oldest first, and remembers how far it came. Answers since when a blob
/// is known to be good. Thread-safe.
/// </summary>
internal sealed class Scrubber
{
    private const string FileName = "scrub";
    private const int LookMs = 60_000;  // between two looks at which segments there are: how exactly the age of new ones is known
    private const int RetryMs = 60_000; // after a failure

    private readonly NodeParts _parts;
    private readonly NodeFile _file;
    private readonly Lock _gate = new();
    private ScrubLedger _ledger;
    private long _checked, _bytes, _bad, _rate;
    private bool _late;

    private readonly Func<long?> _advice;

    /// <summary>Puts it together; <see cref="OpenAsync"/> reads what is remembered.</summary>
    /// <param name="parts">The node.</param>
    /// <param name="advice">Bytes a second that should be read now; null: no advice.</param>
    public Scrubber(NodeParts parts, Func<long?> advice)
    {
        _advice = advice;
        _parts = parts;
        _file = new NodeFile(
            parts.Options.FileSystem, parts.Options.DataDirectory, FileName, ScrubLedger.EncodedLengthMax, parts.Executor);
        _ledger = new ScrubLedger();
    }

    private long Now => _parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads what is remembered. A file that cannot be read makes every age unknown, and everything is read again.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SegmentStatistics> segments = _parts.Store.Segments;
        try
        {
            byte[]? remembered = await _file.ReadAsync(cancellationToken);
            if (remembered is not null)
                _ledger = ScrubLedger.Decode(remembered, Now);
            else if (segments.Count == 0)
                _ledger = ScrubLedger.Fresh(Now);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the record of scrubs cannot be used, every blob counts as not checked: {exception.Message}");
        }
        _ledger.Look(segments, Now);
    }

    /// <summary>Reads and rests until the token fires.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            int pauseMs = LookMs;
            ScrubStep? step = Plan();
            if (step is { StartsInMs: <= 0 } due)
                pauseMs = await TryScrubAsync(due, stop) ? 0 : RetryMs;
            else if (step is { } later)
                pauseMs = (int)Math.Min(pauseMs, later.StartsInMs + 1);
            if (pauseMs > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), _parts.Time, stop);
        }
    }

    /// <summary>How long ago at most a blob here was put, or read and found good, in milliseconds: null unknown, or not here.</summary>
    public long? AgeMs(BlobId id)
    {
        if (!_parts.Store.TryGetSegment(id, out uint segment))
            return null;
        lock (_gate)
        {
            long now = Now;
            if (_ledger.AgeMs(segment, now) is { } age)
                return age;
            _ledger.Look(_parts.Store.Segments, now); // it may have begun since the last look
            return _ledger.AgeMs(segment, now);
        }
    }

    /// <summary>Somebody had the whole store scrubbed.</summary>
    /// <param name="segments">What there was when it began.</param>
    /// <param name="startedUnixMs">When it began.</param>
    public void ScrubbedAll(IReadOnlyList<SegmentStatistics> segments, long startedUnixMs)
    {
        lock (_gate)
        {
            _ledger.Look(_parts.Store.Segments, Now);
            foreach (SegmentStatistics segment in segments)
                _ledger.Checked(segment.Number, startedUnixMs);
        }
    }

    /// <summary>Writes down how far it came; a failure is a line in the log, and costs at most reading again.</summary>
    public async ValueTask SaveAsync(CancellationToken cancellationToken)
    {
        byte[] document;
        lock (_gate)
        {
            _ledger.Look(_parts.Store.Segments, Now);
            document = _ledger.Encode();
        }
        try
        {
            await _file.WriteAsync(document, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the record of scrubs could not be written: {exception.Message}");
        }
    }

    /// <summary>Adds its numbers to those of the service.</summary>
    public void AddTo(Dictionary<string, long> numbers)
    {
        lock (_gate)
        {
            long now = Now, oldest = 0, unknown = 0;
            IReadOnlyList<SegmentStatistics> segments = _parts.Store.Segments;
            _ledger.Look(segments, now);
            foreach (SegmentStatistics segment in segments.Where(static segment => segment.LiveBytes > 0))
            {
                if (_ledger.AgeMs(segment.Number, now) is { } age)
                    oldest = Math.Max(oldest, age);
                else
                    unknown++;
            }
            numbers["evidence-late"] = unknown > 0 || oldest > _parts.Options.Audit.EvidenceMaxAgeMs ? 1 : 0;
            numbers["scrub-bad"] = _bad;
            numbers["scrub-bytes"] = _bytes;
            numbers["scrub-checked"] = _checked;
            numbers["scrub-oldest-ms"] = oldest;
            numbers["scrub-rate"] = _rate;
            numbers["scrub-unknown-segments"] = unknown;
        }
    }

    private ScrubStep? Plan()
    {
        lock (_gate)
        {
            long now = Now;
            IReadOnlyList<SegmentStatistics> segments = _parts.Store.Segments;
            _ledger.Look(segments, now);
            uint cursor = _ledger.CursorSegment;
            (uint Number, long Bytes, long? AgeMs)[] known =
                [.. segments.Select(segment => (segment.Number, segment.LiveBytes, _ledger.AgeMs(segment.Number, now)))];
            ScrubStep? step = ScrubSchedule.Next(
                known, _parts.Options.ScrubPeriodMs, _parts.Options.Audit.ScrubFloorBytesPerSecond, _parts.Options.ScrubBytesPerSecond);
            bool late = known.Any(segment => segment.Bytes > 0 && segment.AgeMs > _parts.Options.ScrubPeriodMs);
            if (late && !_late)
            {
                _parts.Log.Warn("the scrub is behind: blobs were not checked within the period at "
                    + $"{_parts.Options.ScrubBytesPerSecond} bytes a second; allow it more, or a longer period");
            }
            _late = late;
            return step is { } next && cursor != 0 && next.Segment != cursor && known.Any(segment => segment.Number == cursor)
                ? next with { Segment = cursor, StartsInMs = 0 } // what was begun is finished first
                : step;
        }
    }

    private async ValueTask<bool> TryScrubAsync(ScrubStep step, CancellationToken stop)
    {
        long from = 0, started = Now;
        lock (_gate)
        {
            if (_ledger.CursorSegment == step.Segment)
                (from, started) = (_ledger.CursorOffset, _ledger.CursorStarted);
            _ledger.Mark(step.Segment, from, started);
            _rate = step.BytesPerSecond;
        }
        var bad = new List<BlobId>();
        var badDescriptors = new List<BlobId>();
        long seenBytes = 0;
        try
        {
            await _parts.Store.ScrubSegmentAsync(
                step.Segment,
                from,
                new ScrubOptions { RateBytesPerSecond = step.BytesPerSecond, RateNow = Rate, Progress = Take },
                stop);
            lock (_gate)
            {
                _ledger.Look(_parts.Store.Segments, Now);
                _ledger.Checked(step.Segment, started);
            }
            return true;
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"scrub of segment {step.Segment} failed: {exception.Message}");
            return false;
        }
        finally
        {
            lock (_gate)
                _rate = 0;
            if (bad.Count + badDescriptors.Count > 0)
            {
                _parts.Log.Error(string.Create(
                    CultureInfo.InvariantCulture,
                    $"scrub of segment {step.Segment}: {bad.Count} blobs and {badDescriptors.Count} descriptors damaged and dropped"));
                _parts.Repair.Lost(bad, badDescriptors, "a scrub found damage");
            }
        }

        // In quiet hours faster than the plan; in busy ones at no less than half of it, as the period holds all the same.
        long? Rate() => step.BytesPerSecond > 0 && _advice() is { } advised && advised > 0 ? Math.Max(advised, Math.Max(1, step.BytesPerSecond / 2)) : null;

        void Take(ScrubProgress progress)
        {
            lock (_gate)
            {
                _ledger.Mark(step.Segment, progress.Offset, started);
                _checked++;
                _bytes += progress.Bytes - seenBytes;
                seenBytes = progress.Bytes;
                _bad += progress.BadBlob is null && progress.BadDescriptor is null ? 0 : 1;
            }
            if (progress.BadBlob is { } blob)
                bad.Add(blob);
            if (progress.BadDescriptor is { } stripe)
                badDescriptors.Add(stripe);
        }
    }
}
