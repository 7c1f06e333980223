using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Records;
using Megatorrent.Storage.Writing;

namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    private const long FreeBytesRefresh = 16L << 20; // bytes written on trust before the disk is asked again

    private long _freeBytes; // what the disk said last, less what was written since
    private long _freeBytesSpent = long.MaxValue; // since the disk was asked; MaxValue: never

    /// <summary>
    /// Stores a blob. True: it is durable. False: it was here already. The bytes must not change before the call returns.
    /// Cancellation is heeded until the record is queued; from then on the answer is that of the disk.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// Integrity: the bytes do not hash to <paramref name="id"/>. InvalidArgument: longer than <see cref="BlobLengthMax"/>. StoreFull,
    /// InputOutput: not stored.
    /// </exception>
    public ValueTask<bool> PutAsync(BlobId id, ReadOnlyMemory<byte> blob, CancellationToken cancellationToken = default)
    {
        CheckLength(blob.Length, BlobLengthMax, "blob");
        return IsSettled(id) ? new ValueTask<bool>(false) : PutBlobAsync(id, blob, cancellationToken);
    }

    /// <summary>
    /// Stores a blob and the descriptor of its stripe; both are durable when the call returns. True: the blob is new; false: it was here
    /// already. A descriptor that is here under the same id is kept as it is.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// Integrity: the bytes do not hash to <paramref name="id"/>. InvalidArgument: longer than <see cref="BlobLengthMax"/> or
    /// <see cref="DescriptorLengthMax"/>. StoreFull, InputOutput: not stored.
    /// </exception>
    public async ValueTask<bool> PutAsync(
        BlobId id,
        ReadOnlyMemory<byte> blob,
        BlobId stripeId,
        ReadOnlyMemory<byte> descriptor,
        CancellationToken cancellationToken = default)
    {
        CheckLength(blob.Length, BlobLengthMax, "blob");
        CheckLength(descriptor.Length, DescriptorLengthMax, "stripe descriptor");
        ulong? checksum = IsSettled(id) ? null : await _verifier.VerifyAsync(id, blob);
        long room = (checksum is null ? 0 : RecordHeader.Length + (long)blob.Length) + RecordHeader.Length + descriptor.Length;
        Reservation reservation = await ReserveAsync(room, cancellationToken);
        try
        {
            // Always the blob first, then the descriptor, so that two puts cannot wait for each other.
            await _keys.AcquireAsync(id, isDescriptor: false);
            try
            {
                bool isNew = !Contains(id);
                WriteOperation? put = isNew
                    ? NewPut(RecordKind.Blob, id, blob, checksum ?? await _verifier.VerifyAsync(id, blob), stripeId)
                    : null;
                await PutWithDescriptorAsync(put, stripeId, descriptor, reservation, cancellationToken);
                return isNew;
            }
            finally
            {
                _keys.Release(id, isDescriptor: false);
            }
        }
        finally
        {
            EndReservation(reservation);
        }
    }

    /// <summary>
    /// Stores the descriptor of a stripe; durable when the call returns. One that is here under the same id is kept as it is.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// InvalidArgument: longer than <see cref="DescriptorLengthMax"/>. StoreFull, InputOutput: not stored.
    /// </exception>
    public async ValueTask PutDescriptorAsync(
        BlobId stripeId, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken = default)
    {
        CheckLength(descriptor.Length, DescriptorLengthMax, "stripe descriptor");
        if (ContainsDescriptor(stripeId) && !_keys.IsHeld(stripeId, isDescriptor: true))
            return;
        Reservation reservation = await ReserveAsync(RecordHeader.Length + (long)descriptor.Length, cancellationToken);
        try
        {
            await PutWithDescriptorAsync(null, stripeId, descriptor, reservation, cancellationToken);
        }
        finally
        {
            EndReservation(reservation);
        }
    }

    /// <summary>
    /// Deletes a blob, durably; does nothing if it is not here. Reads under way finish. The space comes back by compaction.
    /// </summary>
    /// <exception cref="MegatorrentException">StoreFull, InputOutput: not deleted.</exception>
    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken = default) =>
        DeleteAsync(id, isDescriptor: false, cancellationToken);

    /// <summary>Deletes the descriptor of a stripe, durably; does nothing if it is not here.</summary>
    /// <exception cref="MegatorrentException">StoreFull, InputOutput: not deleted.</exception>
    public ValueTask DeleteDescriptorAsync(BlobId stripeId, CancellationToken cancellationToken = default) =>
        DeleteAsync(stripeId, isDescriptor: true, cancellationToken);

    // Here, and no deletion or compaction of it under way.
    private bool IsSettled(BlobId id) => Contains(id) && !_keys.IsHeld(id, isDescriptor: false);

    // Room is reserved, which may wait for a compaction, before any key is held: a compaction waits for keys.
    private async ValueTask<bool> PutBlobAsync(BlobId id, ReadOnlyMemory<byte> blob, CancellationToken cancellationToken)
    {
        ulong checksum = await _verifier.VerifyAsync(id, blob);
        Reservation reservation = await ReserveAsync(RecordHeader.Length + (long)blob.Length, cancellationToken);
        try
        {
            await _keys.AcquireAsync(id, isDescriptor: false);
            try
            {
                if (Contains(id))
                    return false;
                WriteOperation put = NewPut(RecordKind.Blob, id, blob, checksum, stripe: null);
                await CommitAsync(new WriteUnit(put) { Reservation = reservation }, cancellationToken);
                return true;
            }
            finally
            {
                _keys.Release(id, isDescriptor: false);
            }
        }
        finally
        {
            EndReservation(reservation);
        }
    }

    private async ValueTask PutWithDescriptorAsync(
        WriteOperation? put, BlobId stripeId, ReadOnlyMemory<byte> descriptor, Reservation reservation, CancellationToken cancellationToken)
    {
        await _keys.AcquireAsync(stripeId, isDescriptor: true);
        try
        {
            WriteOperation? describe = ContainsDescriptor(stripeId)
                ? null
                : NewPut(RecordKind.Descriptor, stripeId, descriptor, RecordHeader.Checksum(descriptor.Span), stripe: null);
            if ((put ?? describe) is { } first)
            {
                var unit = new WriteUnit(first, first == describe ? null : describe) { Reservation = reservation };
                await CommitAsync(unit, cancellationToken);
            }
        }
        finally
        {
            _keys.Release(stripeId, isDescriptor: true);
        }
    }

    private async ValueTask DeleteAsync(BlobId id, bool isDescriptor, CancellationToken cancellationToken)
    {
        await _keys.AcquireAsync(id, isDescriptor);
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                // What a put that failed has left on the disk may come back with the next start: then the deletion must be on the disk, too.
                if (!IndexOf(isDescriptor).TryGet(id, out _) && !HasDoubtfulTail())
                    return;
            }
            RecordKind kind = isDescriptor ? RecordKind.DescriptorTombstone : RecordKind.BlobTombstone;
            await CommitAsync(new WriteUnit(new WriteOperation { Kind = kind, Id = id }), cancellationToken);
        }
        finally
        {
            _keys.Release(id, isDescriptor);
        }
    }

    private bool HasDoubtfulTail()
    {
        bool isDoubtful = false;
        foreach (Segment segment in _segments.Values)
        {
            // A durable record means a durable header, which says where the segment before ends.
            isDoubtful &= segment.DurableLength == SegmentHeader.Length;
            isDoubtful |= segment.HasDoubtfulTail;
        }
        return isDoubtful;
    }

    private static WriteOperation NewPut(RecordKind kind, BlobId id, ReadOnlyMemory<byte> payload, ulong checksum, BlobId? stripe) => new()
    {
        Kind = kind,
        Id = id,
        Payload = payload,
        PayloadChecksum = checksum,
        Stripe = stripe ?? default,
        Flags = stripe is null ? RecordFlags.None : RecordFlags.HasStripe,
    };

    private static void CheckLength(int length, int lengthMax, string what)
    {
        if (length > lengthMax)
        {
            throw new MegatorrentException(
                ErrorKind.InvalidArgument, $"A {what} of {length} bytes is longer than the limit of {lengthMax}.");
        }
    }

    // A put must fit the capacity and leave the disk its reserve; tombstones and compaction, which give space back, go past both.
    private async ValueTask<Reservation> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        await CheckFreeBytesAsync(bytes, cancellationToken);
        if (TryReserve(bytes) is { } reservation)
            return reservation;
        await CompactForRoomAsync(bytes, cancellationToken);
        return TryReserve(bytes) ?? throw new MegatorrentException(ErrorKind.StoreFull, FullText());
    }

    private Reservation? TryReserve(long bytes)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            // What begins a segment pays for its header too.
            long header = _active is { } active && HasRoom(active, bytes) ? 0 : SegmentHeader.Length;
            if (_usedBytes + _reservedBytes + header > _options.CapacityBytes - bytes)
                return null;
            _reservedBytes += bytes;
            return new Reservation { Bytes = bytes };
        }
    }

    private void EndReservation(Reservation reservation)
    {
        lock (_gate)
            EndReservationUnderGate(reservation);
    }

    // Once written, the bytes count as used: whatever comes first, that or the end of the put, ends the reservation.
    private void EndReservationUnderGate(Reservation? reservation)
    {
        if (reservation is null)
            return;
        _reservedBytes -= reservation.Bytes;
        reservation.Bytes = 0;
    }

    private string FullText()
    {
        StoreStatistics now = Statistics;
        return $"The store '{_directory}' is full: {now.UsedBytes} of {now.CapacityBytes} bytes are in use. "
            + "Raise its capacity, delete something, or add a node.";
    }

    private async ValueTask CheckFreeBytesAsync(long bytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_freeBytesSpent < FreeBytesRefresh && _freeBytes - bytes >= _options.ReserveFreeBytes)
            {
                _freeBytes -= bytes;
                _freeBytesSpent += bytes;
                return;
            }
        }
        long free = await _executor.RunAsync(static store => store.ReadFreeBytes(), this, cancellationToken);
        lock (_gate)
        {
            _freeBytes = free - bytes;
            _freeBytesSpent = bytes;
        }
        if (free - bytes < _options.ReserveFreeBytes)
        {
            throw new MegatorrentException(ErrorKind.StoreFull,
                $"The disk of the store '{_directory}' has {free} bytes free, and {_options.ReserveFreeBytes} are kept in reserve. "
                + "Free some space.");
        }
    }

    // A disk that cannot say how much is free says so when it is full.
    private long ReadFreeBytes()
    {
        try
        {
            return _files.GetFreeBytes(_directory);
        }
        catch (MegatorrentException)
        {
            return long.MaxValue;
        }
    }

    private async ValueTask CommitAsync(WriteUnit unit, CancellationToken cancellationToken)
    {
        await _budget.AcquireAsync(unit.Length, cancellationToken);
        try
        {
            Enqueue(unit);
            await unit.Done;
        }
        finally
        {
            _budget.Release(unit.Length);
        }
    }
}
