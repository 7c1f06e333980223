using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Files;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;
using Megatorrent.Storage.Writing;

namespace Megatorrent.Storage;

// One loop writes. While the disk flushes a batch, the next one is written behind it:
//
//     batch 1   write ─ flush ──────── apply, acknowledge
//     batch 2           write ──────── flush ──────── apply, acknowledge
//     batch 3                          write ────────
public sealed partial class BlobStore
{
    // From this many bytes on a batch is worth a hint to the disk; the flush of a smaller one is mostly the wait for the journal.
    private const long BeginFlushBytes = 1 << 20;

    private void Enqueue(WriteUnit unit)
    {
        TaskCompletionSource? pump;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            pump = EnqueueUnderGate(unit);
        }
        if (pump is not null)
            _ = PumpAsync(pump);
    }

    /// <summary>Queues a unit. Not null: the loop does not run; the caller starts it with this, out of the gate.</summary>
    private TaskCompletionSource? EnqueueUnderGate(WriteUnit unit)
    {
        _queue.Enqueue(unit);
        if (_pumping)
            return null;
        _pumping = true;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pump = ended.Task;
        return ended;
    }

    private async Task PumpAsync(TaskCompletionSource ended)
    {
        Task flushing = Task.CompletedTask;
        while (true)
        {
            List<WriteUnit> batch = TakeBatch();
            WriteUnit? pause = batch is [{ Pause: not null }] ? batch[0] : null;
            if (batch.Count > 0 && pause is null)
            {
                flushing = await WriteBatchAsync(batch, flushing);
                if (_bytesSinceCheckpoint < _options.CheckpointBytes)
                    continue;
            }
            // Nothing to write, or a pause: either way first let the disk come to rest.
            await flushing;
            flushing = Task.CompletedTask;
            if (pause?.Pause == WritePause.SealSegment)
                _active = null;
            if (_bytesSinceCheckpoint >= _options.CheckpointBytes || pause?.Pause == WritePause.Checkpoint)
                await TryWriteCheckpointAsync();
            pause?.Complete();
            lock (_gate)
            {
                if (_queue.Count > 0)
                    continue;
                _pumping = false;
            }
            ended.SetResult();
            return;
        }
    }

    private List<WriteUnit> TakeBatch()
    {
        var batch = new List<WriteUnit>();
        long bytes = 0;
        lock (_gate)
        {
            while (_queue.TryPeek(out WriteUnit? unit) && (batch.Count == 0 || bytes + unit.Length <= _options.BatchBytes))
            {
                if (unit.Pause is not null && batch.Count > 0)
                    break;
                batch.Add(_queue.Dequeue());
                bytes += unit.Length;
                if (unit.Pause is not null)
                    break; // alone
            }
        }
        return batch;
    }

    /// <summary>Writes a batch, waits for the flush before it, and returns the flush of this one, under way.</summary>
    private async Task<Task> WriteBatchAsync(List<WriteUnit> batch, Task flushing)
    {
        var written = new List<WriteUnit>(); // all in this segment:
        Segment? segment = null;
        try
        {
            for (int next = 0; next < batch.Count;)
            {
                if (_active is not { } active || !HasRoom(active, batch[next].Length))
                {
                    // What was written must be durable, and known to be, before a segment begins whose header vouches for it.
                    await flushing;
                    flushing = Task.CompletedTask;
                    await FlushAsync(segment, written);
                    written = [];
                    await _executor.RunAsync(static store => store.BeginSegment(), this);
                    continue;
                }
                segment = active;
                int count = CountFitting(segment, batch, next);
                List<WriteUnit> run = batch.GetRange(next, count);
                next += count;
                await _executor.RunAsync(
                    static work => work.store.WriteRun(work.segment, work.run, work.written), (store: this, segment, run, written));
            }
        }
        catch (Exception exception)
        {
            // No new segment. What was written and awaits its flush is not part of that.
            foreach (WriteUnit unit in batch)
            {
                if (!written.Contains(unit))
                    unit.Fail(exception);
            }
        }
        await flushing;
        return FlushAsync(segment, written);
    }

    private int CountFitting(Segment segment, List<WriteUnit> batch, int first)
    {
        int count = 1;
        long end = segment.Length + batch[first].Length;
        while (first + count < batch.Count && end + batch[first + count].Length <= _options.SegmentBytes)
            end += batch[first + count++].Length;
        return count;
    }

    private bool HasRoom(Segment segment, long bytes) =>
        segment.Length == SegmentHeader.Length || segment.Length + bytes <= _options.SegmentBytes;

    /// <summary>
    /// Writes units to the end of a segment; those that made it go to <paramref name="written"/>, the others fail. When the disk is full
    /// each is tried by itself, as a small one may still fit. When the disk fails otherwise the segment takes no more.
    /// </summary>
    private bool WriteRun(Segment segment, List<WriteUnit> run, List<WriteUnit> written)
    {
        try
        {
            Append(segment, run);
            written.AddRange(run);
            return true;
        }
        catch (Exception exception)
        {
            lock (_gate)
                segment.FailedWrites++;
            bool isCut = TryCut(segment);
            bool isFull = exception is MegatorrentException { Kind: ErrorKind.StoreFull };
            if (isFull && isCut && run.Count > 1)
            {
                foreach (WriteUnit unit in run)
                    WriteRun(segment, [unit], written);
                return true;
            }
            if (!isFull || !isCut)
                Abandon(segment);
            foreach (WriteUnit unit in run)
                unit.Fail(exception);
            return false;
        }
    }

    private void Append(Segment segment, List<WriteUnit> run)
    {
        if (!ReferenceEquals(segment, _active))
        {
            throw new MegatorrentException(
                ErrorKind.InputOutput, $"Segment {segment.Number} of the store '{_directory}' takes no more records.");
        }
        var buffers = new List<ReadOnlyMemory<byte>>(run.Count * 2);
        long position = segment.Length;
        foreach (WriteUnit unit in run)
        {
            foreach (WriteOperation operation in unit.Operations)
                AddRecord(operation);
        }
        segment.File.Write(buffers, segment.Length);
        // The flush of the batch before may still wait for its journal, and the disk stand idle.
        if (position - segment.Length >= BeginFlushBytes)
            segment.File.BeginFlush(segment.Length, position - segment.Length);
        lock (_gate)
        {
            SetExtent(segment, position, looseBytes: 0);
            foreach (WriteUnit unit in run)
                EndReservationUnderGate(unit.Reservation);
        }

        void AddRecord(WriteOperation operation)
        {
            byte[] header = new byte[RecordHeader.Length];
            new RecordHeader
            {
                Kind = operation.Kind,
                Flags = operation.Flags,
                PayloadLength = operation.Payload.Length,
                Origin = operation.Kind is RecordKind.Blob or RecordKind.Descriptor ? 0
                    : operation.Origin != 0 ? operation.Origin : segment.Number,
                Id = operation.Id,
                Stripe = operation.Stripe,
                PayloadChecksum = operation.PayloadChecksum,
            }.Write(header, _salt, segment.Number, position);
            operation.Offset = (uint)position;
            buffers.Add(header);
            if (operation.Payload.Length > 0)
                buffers.Add(operation.Payload);
            position += operation.RecordLength;
        }
    }

    private void SetExtent(Segment segment, long length, long looseBytes)
    {
        _usedBytes += length + looseBytes - segment.FileBytes;
        segment.Length = length;
        segment.LooseBytes = looseBytes;
    }

    // The file may have grown by a part of the records that failed; nobody may find them there.
    private static bool TryCut(Segment segment)
    {
        try
        {
            segment.File.SetLength(segment.Length);
            return true;
        }
        catch (MegatorrentException)
        {
            return false;
        }
    }

    /// <summary>Takes a segment out of use: the next record begins a new one, whose header says where this one ends.</summary>
    private void Abandon(Segment segment)
    {
        long loose = 0;
        try
        {
            loose = Math.Max(0, segment.File.Length - segment.Length);
        }
        catch (MegatorrentException)
        {
            // The count of bytes on disk is then a little low.
        }
        lock (_gate)
        {
            SetExtent(segment, segment.Length, loose);
            if (_active == segment)
                _active = null;
        }
    }

    /// <summary>
    /// Makes written units durable, applies them to the index and completes them. After a failed flush the disk may have dropped any of
    /// the bytes and a later flush would not say so: the units fail, and so do those written behind them; the segment ends where it was
    /// good.
    /// </summary>
    private async Task FlushAsync(Segment? segment, List<WriteUnit> units)
    {
        if (segment is null || units.Count == 0)
            return;
        Exception? failure = segment.Failure;
        int failedWrites;
        lock (_gate)
            failedWrites = segment.FailedWrites;
        if (failure is null)
        {
            try
            {
                await _executor.RunAsync(
                    static file =>
                    {
                        if (!PlantedBugs.Has(PlantedBug.AcknowledgeBeforeFlush))
                            file.Flush();
                        return true;
                    },
                    segment.File);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }
        if (failure is not null)
        {
            await FailSegmentAsync(segment, failure);
            foreach (WriteUnit unit in units)
                unit.Fail(failure);
            return;
        }
        bool hasDeleted = false;
        lock (_gate)
        {
            segment.FlushedFailures = failedWrites;
            foreach (WriteUnit unit in units)
            {
                foreach (WriteOperation operation in unit.Operations)
                    hasDeleted |= Apply(segment, operation);
            }
        }
        foreach (WriteUnit unit in units)
            unit.Complete();
        if (hasDeleted)
            StartAutoCompaction();
    }

    private async Task FailSegmentAsync(Segment segment, Exception failure)
    {
        lock (_gate)
        {
            segment.Failure = failure;
            SetExtent(segment, segment.DurableLength, segment.LooseBytes);
        }
        await _executor.RunAsync(
            static work =>
            {
                TryCut(work.segment);
                work.store.Abandon(work.segment);
                return true;
            },
            (store: this, segment));
    }

    /// <summary>Puts a durable record into effect. Returns whether it left something dead behind.</summary>
    private bool Apply(Segment segment, WriteOperation operation)
    {
        segment.DurableLength = operation.Offset + operation.RecordLength;
        _bytesSinceCheckpoint += operation.RecordLength;
        bool isDescriptor = operation.Kind is RecordKind.Descriptor or RecordKind.DescriptorTombstone;
        LocationIndex index = IndexOf(isDescriptor);
        if (operation.Kind is RecordKind.BlobTombstone or RecordKind.DescriptorTombstone)
        {
            segment.Tombstones++;
            // One that was carried along, or follows a drop, has done its work before.
            bool isDelete = operation.Origin == 0 && (operation.Flags & RecordFlags.Rotten) == 0;
            if (isDelete && index.Remove(operation.Id, out RecordLocation gone))
            {
                Unlink(gone);
                Observer?.Invoke(new StoreChange(operation.Id, isDescriptor, IsAdded: false, Stripe: null));
            }
            return true;
        }
        segment.PutRecords++;
        if (operation.MovedFrom is { } from && !(index.TryGet(operation.Id, out RecordLocation now) && now == from))
            return false; // dropped while it was on its way: the copy is born dead
        var location = new RecordLocation(segment.Number, operation.Offset, operation.Payload.Length);
        if (index.Set(operation.Id, location, out RecordLocation previous))
            Unlink(previous);
        else
            Observer?.Invoke(new StoreChange(operation.Id, isDescriptor, IsAdded: true, StripeOf(operation)));
        segment.AddLive(operation.RecordLength);
        return false;
    }

    private static BlobId? StripeOf(WriteOperation operation) =>
        operation.Kind == RecordKind.Descriptor ? operation.Id
        : (operation.Flags & RecordFlags.HasStripe) != 0 ? operation.Stripe
        : null;

    private void Unlink(RecordLocation location)
    {
        if (_segments.TryGetValue(location.Segment, out Segment? segment))
            segment.RemoveLive(RecordHeader.Length + (long)location.Length);
    }

    /// <summary>Makes the next segment and its name; the flush of its first records makes the header durable.</summary>
    private bool BeginSegment()
    {
        Segment? last;
        uint number;
        lock (_gate)
        {
            _active = null;
            last = _segments.Count > 0 ? _segments.Values.Last() : null;
            if (_nextSegment == uint.MaxValue)
                throw new MegatorrentException(ErrorKind.LimitExceeded, $"The store '{_directory}' has used up its segment numbers.");
            number = _nextSegment++;
        }
        string path = PathOf(number);
        IFile? file = null;
        try
        {
            file = _files.Open(path, FileOpenMode.CreateNew);
            byte[] header = new byte[SegmentHeader.Length];
            new SegmentHeader(number, last?.Number ?? 0, last?.Length ?? 0, _salt).Write(header);
            file.Write([header], 0);
            if (!PlantedBugs.Has(PlantedBug.SegmentNameNotSynced))
                _files.SyncDirectory(_directory);
        }
        catch (MegatorrentException)
        {
            file?.Dispose();
            TryDelete(path);
            throw;
        }
        lock (_gate)
        {
            var segment = new Segment(number, file);
            _segments.Add(number, segment);
            _usedBytes += segment.FileBytes;
            _active = segment;
        }
        return true;
    }

    private void TryDelete(string path)
    {
        try
        {
            _files.Delete(path);
        }
        catch (MegatorrentException)
        {
            // Left behind, it has no record and is removed at the next start.
        }
    }
}
