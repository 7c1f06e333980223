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
        return Contains(id) && !_keys.IsHeld(id, isDescriptor: false)
            ? new ValueTask<bool>(false)
            : PutBlobAsync(id, blob, cancellationToken);
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
        BlobId id, ReadOnlyMemory<byte> blob, BlobId stripeId, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken = default)
    {
        CheckLength(blob.Length, BlobLengthMax, "blob");
        CheckLength(descriptor.Length, DescriptorLengthMax, "stripe descriptor");
        // Always the blob first, then the descriptor, so that two puts cannot wait for each other.
        await _keys.AcquireAsync(id, isDescriptor: false);
        try
        {
            bool isNew = !Contains(id);
            WriteOperation? put = null;
            if (isNew)
            {
                ulong checksum = await _verifier.VerifyAsync(id, blob);
                put = NewPut(RecordKind.Blob, id, blob, checksum, stripeId);
            }
            await _keys.AcquireAsync(stripeId, isDescriptor: true);
            try
            {
                WriteOperation? describe = ContainsDescriptor(stripeId) ? null : NewDescriptor(stripeId, descriptor);
                if ((put ?? describe) is { } first)
                    await CommitPutAsync(new WriteUnit(first, first == describe ? null : describe), cancellationToken);
            }
            finally
            {
                _keys.Release(stripeId, isDescriptor: true);
            }
            return isNew;
        }
        finally
        {
            _keys.Release(id, isDescriptor: false);
        }
    }

    /// <summary>Stores the descriptor of a stripe; durable when the call returns. One that is here under the same id is kept as it is.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: longer than <see cref="DescriptorLengthMax"/>. StoreFull, InputOutput: not stored.</exception>
    public async ValueTask PutDescriptorAsync(BlobId stripeId, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken = default)
    {
        CheckLength(descriptor.Length, DescriptorLengthMax, "stripe descriptor");
        await _keys.AcquireAsync(stripeId, isDescriptor: true);
        try
        {
            if (!ContainsDescriptor(stripeId))
                await CommitPutAsync(new WriteUnit(NewDescriptor(stripeId, descriptor)), cancellationToken);
        }
        finally
        {
            _keys.Release(stripeId, isDescriptor: true);
        }
    }

    /// <summary>Deletes a blob, durably; does nothing if it is not here. Reads under way finish. The space comes back by compaction.</summary>
    /// <exception cref="MegatorrentException">StoreFull, InputOutput: not deleted.</exception>
    public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken = default) =>
        DeleteAsync(id, isDescriptor: false, cancellationToken);

    /// <summary>Deletes the descriptor of a stripe, durably; does nothing if it is not here.</summary>
    /// <exception cref="MegatorrentException">StoreFull, InputOutput: not deleted.</exception>
    public ValueTask DeleteDescriptorAsync(BlobId stripeId, CancellationToken cancellationToken = default) =>
        DeleteAsync(stripeId, isDescriptor: true, cancellationToken);

    private async ValueTask<bool> PutBlobAsync(BlobId id, ReadOnlyMemory<byte> blob, CancellationToken cancellationToken)
    {
        await _keys.AcquireAsync(id, isDescriptor: false);
        try
        {
            if (Contains(id))
                return false;
            ulong checksum = await _verifier.VerifyAsync(id, blob);
            await CommitPutAsync(new WriteUnit(NewPut(RecordKind.Blob, id, blob, checksum, stripe: null)), cancellationToken);
            return true;
        }
        finally
        {
            _keys.Release(id, isDescriptor: false);
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
                if (!IndexOf(isDescriptor).TryGet(id, out _))
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

    private static WriteOperation NewPut(RecordKind kind, BlobId id, ReadOnlyMemory<byte> payload, ulong checksum, BlobId? stripe) => new()
    {
        Kind = kind,
        Id = id,
        Payload = payload,
        PayloadChecksum = checksum,
        Stripe = stripe ?? default,
        Flags = stripe is null ? RecordFlags.None : RecordFlags.HasStripe,
    };

    private static WriteOperation NewDescriptor(BlobId stripeId, ReadOnlyMemory<byte> descriptor) =>
        NewPut(RecordKind.Descriptor, stripeId, descriptor, RecordHeader.Checksum(descriptor.Span), stripe: null);

    private static void CheckLength(int length, int lengthMax, string what)
    {
        if (length > lengthMax)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"A {what} of {length} bytes is longer than the limit of {lengthMax}.");
    }

    // A put must fit the capacity and leave the disk its reserve; tombstones and compaction, which give space back, go past both.
    private async ValueTask CommitPutAsync(WriteUnit unit, CancellationToken cancellationToken)
    {
        if (!TryReserve(unit.Length))
        {
            await CompactForRoomAsync(unit.Length, cancellationToken);
            if (!TryReserve(unit.Length))
                throw new MegatorrentException(ErrorKind.StoreFull, FullText());
        }
        try
        {
            await CheckFreeBytesAsync(unit.Length, cancellationToken);
            await CommitAsync(unit, cancellationToken);
        }
        finally
        {
            lock (_gate)
                _reservedBytes -= unit.Length;
        }
    }

    private bool TryReserve(long bytes)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            long used = _reservedBytes;
            foreach (Segment segment in _segments.Values)
                used += segment.FileBytes;
            // What begins a segment pays for its header too.
            long header = _active is { } active && HasRoom(active, bytes) ? 0 : SegmentHeader.Length;
            if (used + header > _options.CapacityBytes - bytes)
                return false;
            _reservedBytes += bytes;
            return true;
        }
    }

    private string FullText()
    {
        StoreStatistics now = Statistics;
        return $"The store '{_directory}' is full: {now.UsedBytes} of {now.CapacityBytes} bytes are in use. Raise its capacity, delete something, or add a node.";
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
        long free = await _executor.RunAsync(static store => store._files.GetFreeBytes(store._directory), this, cancellationToken);
        lock (_gate)
        {
            _freeBytes = free - bytes;
            _freeBytesSpent = bytes;
        }
        if (free - bytes < _options.ReserveFreeBytes)
        {
            throw new MegatorrentException(ErrorKind.StoreFull,
                $"The disk of the store '{_directory}' has {free} bytes free, and {_options.ReserveFreeBytes} are kept in reserve. Free some space.");
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
