using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;

namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    private static readonly TimeSpan ScrubPause = TimeSpan.FromMilliseconds(10); // shorter debts of time are left to add up

    private enum Verdict
    {
        Gone,
        Good,
        Bad,
    }

    /// <summary>
    /// Reads every blob and descriptor in the order of the disk and verifies it: blobs by SHA-256, descriptors by checksum. Damaged ones
    /// are reported and no longer contained, so that a repair sees them missing. Puts, gets and deletions go on meanwhile; what is put
    /// after the start is not checked.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the store was disposed; what was found bad stays dropped.</exception>
    public async ValueTask<ScrubReport> ScrubAsync(ScrubOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using CancellationTokenSource stop = LinkToStopping(cancellationToken);
        return await RunScrubAsync(ListByPlace(static _ => true), options, tellOffset: false, stop.Token);
    }

    private async ValueTask<ScrubReport> RunScrubAsync(
        List<(long Place, int Slot, bool IsDescriptor)> work, ScrubOptions options, bool tellOffset, CancellationToken cancellationToken)
    {
        if (options.RateBytesPerSecond < 0)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"The scrub option {nameof(options.RateBytesPerSecond)} must be 0 or more.");
        }
        var bad = new List<BlobId>();
        var badDescriptors = new List<BlobId>();
        TimeSpan due = TimeSpan.Zero; // of what was read, at the rates that held
        long started = _options.Time.GetTimestamp();
        long count = 0;
        long bytes = 0;
        foreach ((long place, int slot, bool isDescriptor) in work)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (Verdict verdict, BlobId id, long length) = await CheckSlotAsync(slot, isDescriptor, cancellationToken);
            if (verdict == Verdict.Gone)
                continue;
            count++;
            bytes += length;
            if (verdict == Verdict.Bad)
                (isDescriptor ? badDescriptors : bad).Add(id);
            options.Progress?.Invoke(new ScrubProgress(count, work.Count, bytes, bad.Count + badDescriptors.Count)
            {
                Offset = tellOffset ? (uint)place : 0,
                BadBlob = verdict == Verdict.Bad && !isDescriptor ? id : null,
                BadDescriptor = verdict == Verdict.Bad && isDescriptor ? id : null,
            });
            due = await KeepRateAsync(options.RateNow?.Invoke() ?? options.RateBytesPerSecond, length, due, started, cancellationToken);
        }
        return new ScrubReport(count, bytes, bad, badDescriptors);
    }

    /// <summary>
    /// Reads one blob and verifies it by SHA-256. False: it is not here, or it was damaged and the store no longer contains it.
    /// </summary>
    /// <exception cref="MegatorrentException">InputOutput: the disk did not give it; the store still contains it.</exception>
    public async ValueTask<bool> CheckAsync(BlobId id, CancellationToken cancellationToken = default)
    {
        while (TryAcquire(id, isDescriptor: false, out Segment? segment, out RecordLocation location))
        {
            bool isGood;
            try
            {
                isGood = await VerifyAsync(segment, location, id, isDescriptor: false, cancellationToken);
            }
            finally
            {
                segment.Release();
            }
            if (isGood)
                return true;
            DropDamaged(id, isDescriptor: false, location);
        }
        return false;
    }

    private CancellationTokenSource LinkToStopping(CancellationToken cancellationToken)
    {
        lock (_gate)
            ObjectDisposedException.ThrowIf(IsDisposed, this);
        return CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
    }

    private List<(long Place, int Slot, bool IsDescriptor)> ListByPlace(Func<RecordLocation, bool> isWanted)
    {
        var work = new List<(long Place, int Slot, bool IsDescriptor)>();
        AddSlots(_blobs, isDescriptor: false);
        AddSlots(_descriptors, isDescriptor: true);
        work.Sort();
        return work;

        void AddSlots(LocationIndex index, bool isDescriptor) =>
            VisitSlots(index, (slot, _, location) =>
            {
                if (isWanted(location))
                    work.Add((((long)location.Segment << 32) | location.Offset, slot, isDescriptor));
            });
    }

    /// <summary>Visits every entry of an index, in turns, so that the gate is never held for long.</summary>
    private void VisitSlots(LocationIndex index, Action<int, BlobId, RecordLocation> visit)
    {
        for (int slot = 0; ;)
        {
            lock (_gate)
            {
                int end = Math.Min(index.SlotCount, slot + SlotsPerTurn);
                if (slot >= end)
                    return;
                for (; slot < end; slot++)
                {
                    if (index.TryGetSlot(slot, out BlobId id, out RecordLocation location))
                        visit(slot, id, location);
                }
            }
        }
    }

    // The slot may have another tenant by now; that one is checked instead, which does no harm.
    private async ValueTask<(Verdict Verdict, BlobId Id, long Length)> CheckSlotAsync(
        int slot, bool isDescriptor, CancellationToken cancellationToken)
    {
        BlobId id;
        RecordLocation location;
        Segment segment;
        lock (_gate)
        {
            if (IsDisposed || !IndexOf(isDescriptor).TryGetSlot(slot, out id, out location))
                return (Verdict.Gone, default, 0);
            segment = _segments[location.Segment];
            segment.Acquire();
        }
        long length = RecordHeader.Length + (long)location.Length;
        bool isGood;
        try
        {
            isGood = await VerifyAsync(segment, location, id, isDescriptor, cancellationToken);
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.InputOutput)
        {
            isGood = false; // a sector that cannot be read is as lost as one that reads wrong
        }
        finally
        {
            segment.Release();
        }
        if (isGood)
            return (Verdict.Good, id, length);
        if (PlantedBugs.Has(PlantedBug.ScrubKeepsDamaged))
            return (Verdict.Bad, id, length);
        return (DropDamaged(id, isDescriptor, location) ? Verdict.Bad : Verdict.Gone, id, length);
    }

    private ValueTask<bool> VerifyAsync(
        Segment segment, RecordLocation location, BlobId id, bool isDescriptor, CancellationToken cancellationToken) =>
        _executor.RunAsync(
            static check =>
            {
                using BlobLease? lease = check.store.ReadRecord(check.segment, check.location, check.id, check.isDescriptor, out _);
                return lease is not null && (check.isDescriptor || BlobId.Of(lease.Memory.Span) == check.id);
            },
            (store: this, segment, location, id, isDescriptor), cancellationToken);

    // Gives when the record that was read is due, in time since the start.
    private async ValueTask<TimeSpan> KeepRateAsync(
        long bytesPerSecond, long bytes, TimeSpan due, long started, CancellationToken cancellationToken)
    {
        if (bytesPerSecond == 0)
            return _options.Time.GetElapsedTime(started);
        due += TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
        TimeSpan ahead = due - _options.Time.GetElapsedTime(started);
        if (ahead >= ScrubPause)
            await Task.Delay(ahead, _options.Time, cancellationToken);
        return due;
    }
}
