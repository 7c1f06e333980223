using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Testing;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;
using Megatorrent.Storage.Writing;

namespace Megatorrent.Storage;

// A segment is reclaimed in steps, each of which may be the last before a crash:
//
//   1 its live records are written again, flushed, and only then found there by the index
//   2 its tombstones that still hold something down are written again and flushed
//   3 the file is deleted and the directory flushed
//
// Before 3 there are two copies of some records, which are the same bytes; the later one counts.
public sealed partial class BlobStore
{
    // Enough for the disk to write and flush without a pause, and little beside what puts and gets hold at the same time.
    private const long MovingBytes = 4 << 20;

    private readonly Budget _compaction = new(1); // one at a time
    private readonly Budget _moving = new(MovingBytes); // read by a compaction and not durable yet
    private Task _autoCompaction = Task.CompletedTask;

    /// <summary>
    /// Reclaims the segments of which at least <see cref="BlobStoreOptions.CompactionDeadRatio"/> is dead, emptiest first: writes what
    /// lives in them again and deletes them. Gets, puts and deletions go on meanwhile.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// StoreFull, InputOutput: stopped early; nothing is lost, and what was reclaimed stays reclaimed.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled, or the store was disposed; likewise.</exception>
    public ValueTask CompactAsync(CancellationToken cancellationToken = default) =>
        CompactAsync(_options.CompactionDeadRatio, static () => false, cancellationToken);

    private async ValueTask CompactAsync(double deadRatio, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = LinkToStopping(cancellationToken);
        await _compaction.AcquireAsync(1, stop.Token);
        try
        {
            bool isDone = isEnough();
            bool hasReclaimed = false;
            try
            {
                // Once the dead records before them are gone, tombstones are dead too: what a pass leaves may be worth another.
                while (!isDone && await ReclaimAsync(deadRatio, isEnough, stop.Token))
                {
                    hasReclaimed = true;
                    isDone = isEnough();
                }
            }
            finally
            {
                if (hasReclaimed && !stop.IsCancellationRequested)
                    await PauseAsync(WritePause.Checkpoint);
            }
        }
        finally
        {
            _compaction.Release(1);
        }
    }

    /// <summary>One pass over the segments that are worth it. False if there was none, or none could be reclaimed.</summary>
    private async Task<bool> ReclaimAsync(double deadRatio, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        if (IsActiveWorthCompacting(deadRatio))
            await PauseAsync(WritePause.SealSegment);
        List<Segment> victims = ChooseVictims(deadRatio);
        if (victims.Count == 0)
            return false;
        Dictionary<uint, List<(uint Offset, int Slot, bool IsDescriptor)>> live = ListLive(victims);
        bool hasReclaimed = false;
        foreach (Segment victim in victims)
        {
            hasReclaimed |= await ReclaimAsync(victim, live[victim.Number], cancellationToken);
            if (isEnough())
                break;
        }
        return hasReclaimed;
    }

    private async Task PauseAsync(WritePause pause)
    {
        var unit = WriteUnit.ForPause(pause);
        Enqueue(unit);
        await unit.Done;
    }

    private bool IsActiveWorthCompacting(double deadRatio)
    {
        lock (_gate)
            return _active is { } active && IsWorthCompacting(active, deadRatio, FirstWithDead());
    }

    private bool IsWorthCompacting(Segment segment, double deadRatio, uint firstWithDead)
    {
        long reclaimable = ReclaimableBytes(segment, firstWithDead);
        long records = segment.FileBytes - SegmentHeader.Length;
        return records == 0 ? segment != _active : reclaimable > 0 && reclaimable >= deadRatio * records;
    }

    // Tombstones hold down dead records in the segments before them; with none there they are dead themselves.
    private static long ReclaimableBytes(Segment segment, uint firstWithDead) =>
        segment.DeadBytes + (firstWithDead < segment.Number ? 0 : segment.TombstoneBytes);

    private long ReclaimableBytes()
    {
        uint firstWithDead = FirstWithDead();
        long reclaimable = 0;
        foreach (Segment segment in _segments.Values)
            reclaimable += ReclaimableBytes(segment, firstWithDead);
        return reclaimable;
    }

    private uint FirstWithDead()
    {
        foreach (Segment segment in _segments.Values)
        {
            if (segment.DeadPuts > 0)
                return segment.Number;
        }
        return uint.MaxValue;
    }

    private List<Segment> ChooseVictims(double deadRatio)
    {
        lock (_gate)
        {
            uint firstWithDead = FirstWithDead();
            return
            [
                .. _segments.Values
                    .Where(segment => segment != _active && IsWorthCompacting(segment, deadRatio, firstWithDead))
                    .OrderBy(segment => (double)segment.LiveBytes / segment.FileBytes)
                    .ThenBy(segment => segment.Number),
            ];
        }
    }

    private Dictionary<uint, List<(uint Offset, int Slot, bool IsDescriptor)>> ListLive(List<Segment> victims)
    {
        var live = victims.ToDictionary(victim => victim.Number, _ => new List<(uint Offset, int Slot, bool IsDescriptor)>());
        foreach (bool isDescriptor in (bool[])[false, true])
        {
            VisitSlots(IndexOf(isDescriptor), (slot, _, location) =>
            {
                if (live.TryGetValue(location.Segment, out List<(uint Offset, int Slot, bool IsDescriptor)>? places))
                    places.Add((location.Offset, slot, isDescriptor));
            });
        }
        foreach (List<(uint Offset, int Slot, bool IsDescriptor)> places in live.Values)
            places.Sort();
        return live;
    }

    private async Task<bool> ReclaimAsync(
        Segment victim, List<(uint Offset, int Slot, bool IsDescriptor)> live, CancellationToken cancellationToken)
    {
        var moves = new List<Task>();
        try
        {
            foreach ((_, int slot, bool isDescriptor) in live)
            {
                if (PlantedBugs.Has(PlantedBug.CompactionDropsLive) && slot % 4 == 0)
                    continue;
                BlobId id;
                lock (_gate)
                {
                    if (!IndexOf(isDescriptor).TryGetSlot(slot, out id, out RecordLocation location) || location.Segment != victim.Number)
                        continue;
                }
                moves.Add(await BeginMoveAsync(victim, id, isDescriptor, cancellationToken));
                moves.RemoveAll(static move => move.IsCompletedSuccessfully);
                if (moves.Exists(static move => move.IsFaulted))
                    break;
            }
        }
        finally
        {
            await Task.WhenAll(moves);
        }
        if (victim.Tombstones > 0)
            await CarryTombstonesAsync(victim, cancellationToken);
        lock (_gate)
        {
            if (victim.LiveRecords > 0 && !PlantedBugs.Has(PlantedBug.CompactionDropsLive))
                return false;
        }
        return await _executor.RunAsync(static work => work.store.RemoveSegment(work.victim), (store: this, victim), cancellationToken);
    }

    /// <summary>Reads a live record and queues it to be written again. The task that is given back ends when it is durable.</summary>
    private async Task<Task> BeginMoveAsync(Segment victim, BlobId id, bool isDescriptor, CancellationToken cancellationToken)
    {
        await _keys.AcquireAsync(id, isDescriptor);
        BlobLease? record = null;
        long moving = 0, charged = 0;
        Task? move = null;
        try
        {
            RecordLocation location;
            lock (_gate)
            {
                if (!IndexOf(isDescriptor).TryGet(id, out location) || location.Segment != victim.Number)
                    return Task.CompletedTask;
            }
            long length = RecordHeader.Length + (long)location.Length;
            await _moving.AcquireAsync(length, cancellationToken);
            moving = length;
            await _budget.AcquireAsync(length, cancellationToken);
            charged = length;
            (record, RecordHeader header) = await _executor.RunAsync(
                static read =>
                {
                    BlobLease? lease = read.store.ReadRecord(
                        read.victim, read.location, read.id, read.isDescriptor, out RecordHeader header);
                    return (lease, header);
                },
                (store: this, victim, location, id, isDescriptor), cancellationToken);
            if (record is null)
            {
                DropDamaged(id, isDescriptor, location);
                return Task.CompletedTask;
            }
            var operation = new WriteOperation
            {
                Kind = header.Kind,
                Flags = header.Flags,
                Id = id,
                Stripe = header.Stripe,
                Payload = record.Memory,
                PayloadChecksum = header.PayloadChecksum,
                MovedFrom = location,
            };
            var unit = new WriteUnit(operation);
            Enqueue(unit);
            move = EndMoveAsync(unit, record, id, isDescriptor);
            return move;
        }
        finally
        {
            if (move is null)
            {
                record?.Dispose();
                _budget.Release(charged);
                _moving.Release(moving);
                _keys.Release(id, isDescriptor);
            }
        }
    }

    private async Task EndMoveAsync(WriteUnit unit, BlobLease record, BlobId id, bool isDescriptor)
    {
        try
        {
            await unit.Done;
        }
        finally
        {
            record.Dispose();
            _budget.Release(unit.Length);
            _moving.Release(unit.Length);
            _keys.Release(id, isDescriptor);
        }
    }

    // A tombstone may go when nothing is left that it holds down, or when its blob lives again: log order decides at the next start,
    // so one that was written behind the new record would kill it.
    private async Task CarryTombstonesAsync(Segment victim, CancellationToken cancellationToken)
    {
        List<RecordHeader> tombstones = await _executor.RunAsync(
            static work => work.store.ReadTombstones(work.victim), (store: this, victim), cancellationToken);
        var carried = new List<Task>();
        try
        {
            foreach (RecordHeader tombstone in tombstones)
            {
                cancellationToken.ThrowIfCancellationRequested();
                bool isDescriptor = tombstone.Kind == RecordKind.DescriptorTombstone;
                await _keys.AcquireAsync(tombstone.Id, isDescriptor);
                if (!IsNeeded(tombstone, victim))
                {
                    _keys.Release(tombstone.Id, isDescriptor);
                    continue;
                }
                carried.Add(CarryAsync(tombstone, isDescriptor, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(carried);
        }
    }

    private async Task CarryAsync(RecordHeader tombstone, bool isDescriptor, CancellationToken cancellationToken)
    {
        try
        {
            var operation = new WriteOperation
            {
                Kind = tombstone.Kind,
                Flags = tombstone.Flags,
                Id = tombstone.Id,
                Origin = tombstone.Origin,
            };
            await CommitAsync(new WriteUnit(operation), cancellationToken);
        }
        finally
        {
            _keys.Release(tombstone.Id, isDescriptor);
        }
    }

    private bool IsNeeded(RecordHeader tombstone, Segment victim)
    {
        lock (_gate)
        {
            if (IndexOf(tombstone.Kind == RecordKind.DescriptorTombstone).TryGet(tombstone.Id, out _))
                return false;
            foreach (Segment other in _segments.Values)
            {
                if (other.Number > tombstone.Origin)
                    return false;
                if (other != victim && other.DeadPuts > 0)
                    return true;
            }
            return false;
        }
    }

    private List<RecordHeader> ReadTombstones(Segment victim)
    {
        var tombstones = new List<RecordHeader>();
        SegmentScanner.Scan(
            victim.File, victim.Number, _salt, SegmentHeader.Length, victim.Length, verify: false,
            (in RecordHeader header, long _, bool _) =>
            {
                if (header.IsTombstone)
                    tombstones.Add(header);
            });
        return tombstones;
    }

    private bool RemoveSegment(Segment victim)
    {
        Segment? before;
        lock (_gate)
            before = _segments.Values.LastOrDefault(segment => segment.Number < victim.Number);
        // The victim's header may be all that keeps bytes which were never acknowledged, at the end of the file before, from being read.
        if (before is { LooseBytes: > 0 })
        {
            before.File.SetLength(before.Length);
            before.File.Flush();
            lock (_gate)
                SetExtent(before, before.Length, looseBytes: 0);
        }
        _files.Delete(PathOf(victim.Number));
        _files.SyncDirectory(_directory);
        lock (_gate)
        {
            _segments.Remove(victim.Number);
            _usedBytes -= victim.FileBytes;
            _checkpointIsOld = true;
        }
        victim.Release();
        return true;
    }

    private async ValueTask CompactForRoomAsync(long bytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            long reclaimable = ReclaimableBytes();
            if (reclaimable == 0 || _usedBytes + _reservedBytes - reclaimable > _options.CapacityBytes - bytes)
                return;
        }
        try
        {
            await CompactAsync(double.Epsilon, IsEnough, cancellationToken);
        }
        catch (MegatorrentException)
        {
            // Whether there is room now is for the caller to find out.
        }

        bool IsEnough()
        {
            lock (_gate)
                return _usedBytes + _reservedBytes + SegmentHeader.Length <= _options.CapacityBytes - bytes;
        }
    }

    private void StartAutoCompaction()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_options.AutoCompact || IsDisposed || !_autoCompaction.IsCompleted)
                return;
            long reclaimable = ReclaimableBytes();
            if (reclaimable < _options.SegmentBytes || reclaimable < _options.CompactionDeadRatio * _usedBytes)
                return;
            _autoCompaction = ended.Task;
        }
        _ = AutoCompactAsync(ended);
    }

    private async Task AutoCompactAsync(TaskCompletionSource ended)
    {
        try
        {
            await CompactAsync(_stopping.Token);
        }
        catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody asked for it and nothing is lost; the next deletion tries again.
        }
        finally
        {
            ended.SetResult();
        }
    }
}
