using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Index;
using Megatorrent.Storage.Records;
using Megatorrent.Storage.Writing;

namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    private const int CachedReadLengthMax = 64 << 10; // above, a trip to the executor costs little beside the read and the checksum

    /// <summary>
    /// Reads a whole blob and verifies its record's checksum. Dispose the lease to give the buffer back. A short one that the system
    /// holds in memory is read before the call returns.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// NotFound: not here. Integrity: what is on the disk is not what was put; the store then no longer contains the blob. InputOutput:
    /// the disk did not give it.
    /// </exception>
    public ValueTask<BlobLease> GetAsync(BlobId id, CancellationToken cancellationToken = default) =>
        !cancellationToken.IsCancellationRequested && TryGetCached(id, isDescriptor: false) is { } lease
            ? new ValueTask<BlobLease>(lease)
            : GetFromDiskAsync(id, cancellationToken);

    private async ValueTask<BlobLease> GetFromDiskAsync(BlobId id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!TryAcquire(id, isDescriptor: false, out Segment? segment, out RecordLocation location))
                throw NotFound(id);
            BlobLease? lease;
            try
            {
                lease = await _executor.RunAsync(
                    static read => read.store.ReadRecord(read.segment, read.location, read.id, isDescriptor: false, out _),
                    (store: this, segment, location, id), cancellationToken);
            }
            finally
            {
                segment.Release();
            }
            if (lease is not null)
                return lease;
            if (DropDamaged(id, isDescriptor: false, location))
                throw new MegatorrentException(ErrorKind.Integrity, $"Blob {id} is damaged on the disk of the store '{_directory}'.");
        }
    }

    /// <summary>
    /// Reads <paramref name="length"/> bytes of a blob from <paramref name="offset"/> on, without verifying them. Dispose the lease to
    /// give the buffer back.
    /// </summary>
    /// <exception cref="MegatorrentException">
    /// NotFound: not here. InvalidArgument: the range is not within the blob. Integrity: the file ends before it; the store then no longer
    /// contains the blob. InputOutput: the disk did not give it.
    /// </exception>
    public async ValueTask<BlobLease> GetAsync(BlobId id, long offset, int length, CancellationToken cancellationToken = default)
    {
        if (!TryAcquire(id, isDescriptor: false, out Segment? segment, out RecordLocation location))
            throw NotFound(id);
        BlobLease? lease;
        try
        {
            if (offset < 0 || length < 0 || offset > location.Length - (long)length)
            {
                throw new MegatorrentException(ErrorKind.InvalidArgument,
                    $"The range of {length} bytes at {offset} is not within blob {id}, which has {location.Length} bytes.");
            }
            long position = location.Offset + RecordHeader.Length + offset;
            bool mayBeCached = length <= CachedReadLengthMax && !cancellationToken.IsCancellationRequested;
            lease = (mayBeCached ? ReadRange(segment, position, length, cachedOnly: true) : null) ?? await _executor.RunAsync(
                static read => ReadRange(read.segment, read.position, read.length, cachedOnly: false),
                (segment, position, length), cancellationToken);
        }
        finally
        {
            segment.Release();
        }
        if (lease is not null)
            return lease;
        DropDamaged(id, isDescriptor: false, location);
        throw new MegatorrentException(ErrorKind.Integrity, $"Blob {id} is cut off on the disk of the store '{_directory}'.");
    }

    /// <summary>The descriptor of a stripe, its checksum verified; null if it is not here, or was found damaged and is no longer.</summary>
    /// <exception cref="MegatorrentException">InputOutput: the disk did not give it.</exception>
    public async ValueTask<byte[]?> GetDescriptorAsync(BlobId stripeId, CancellationToken cancellationToken = default)
    {
        if (!cancellationToken.IsCancellationRequested && TryGetCached(stripeId, isDescriptor: true) is { } cached)
        {
            using (cached)
                return cached.Memory.ToArray();
        }
        while (TryAcquire(stripeId, isDescriptor: true, out Segment? segment, out RecordLocation location))
        {
            BlobLease? lease;
            try
            {
                lease = await _executor.RunAsync(
                    static read => read.store.ReadRecord(read.segment, read.location, read.stripeId, isDescriptor: true, out _),
                    (store: this, segment, location, stripeId), cancellationToken);
            }
            finally
            {
                segment.Release();
            }
            if (lease is not null)
            {
                using (lease)
                    return lease.Memory.ToArray();
            }
            DropDamaged(stripeId, isDescriptor: true, location);
        }
        return null;
    }

    private MegatorrentException NotFound(BlobId id) =>
        new(ErrorKind.NotFound, $"Blob {id} is not in the store '{_directory}'.");

    private bool TryAcquire(BlobId id, bool isDescriptor, [NotNullWhen(true)] out Segment? segment, out RecordLocation location)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            segment = null;
            if (!IndexOf(isDescriptor).TryGet(id, out location))
                return false;
            segment = _segments[location.Segment];
            segment.Acquire();
            return true;
        }
    }

    /// <summary>A short record, its checksum verified, if that takes no wait for the disk; null otherwise, whatever the reason.</summary>
    private BlobLease? TryGetCached(BlobId id, bool isDescriptor)
    {
        Segment? segment;
        RecordLocation location;
        lock (_gate)
        {
            if (IsDisposed || !IndexOf(isDescriptor).TryGet(id, out location) || location.Length > CachedReadLengthMax)
                return null;
            segment = _segments[location.Segment];
            segment.Acquire();
        }
        try
        {
            return ReadRecord(segment, location, id, isDescriptor, out _, cachedOnly: true);
        }
        finally
        {
            segment.Release();
        }
    }

    /// <summary>
    /// The payload of a record; null if it is not the one that the index says, or its checksum is wrong. With
    /// <paramref name="cachedOnly"/> null also if the disk would have to be waited for.
    /// </summary>
    private BlobLease? ReadRecord(
        Segment segment, RecordLocation location, BlobId id, bool isDescriptor, out RecordHeader header, bool cachedOnly = false)
    {
        header = default;
        int length = RecordHeader.Length + location.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        bool good = false;
        try
        {
            Span<byte> record = buffer.AsSpan(0, length);
            bool isRead = cachedOnly
                ? segment.File.TryReadCached(record, location.Offset)
                : segment.File.Read(record, location.Offset) == length;
            good = isRead && RecordHeader.TryRead(buffer, _salt, segment.Number, location.Offset, out header)
                && header.Kind == (isDescriptor ? RecordKind.Descriptor : RecordKind.Blob)
                && header.Id == id && header.PayloadLength == location.Length
                && RecordHeader.Checksum(buffer.AsSpan(RecordHeader.Length, location.Length)) == header.PayloadChecksum;
            return good ? BlobLease.FromPooled(buffer, RecordHeader.Length, location.Length) : null;
        }
        finally
        {
            if (!good)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static BlobLease? ReadRange(Segment segment, long position, int length, bool cachedOnly)
    {
        BlobLease lease = BlobLease.Rent(length);
        bool good = false;
        try
        {
            Span<byte> range = lease.Memory.Span;
            good = cachedOnly ? segment.File.TryReadCached(range, position) : segment.File.Read(range, position) == length;
            return good ? lease : null;
        }
        finally
        {
            if (!good)
                lease.Dispose();
        }
    }

    /// <summary>
    /// Takes a damaged record out of the index, so that the blob is missing and can be put again, and notes that on the disk as soon as
    /// it can. False if it has been moved or removed meanwhile.
    /// </summary>
    private bool DropDamaged(BlobId id, bool isDescriptor, RecordLocation location)
    {
        WriteUnit? note = null;
        TaskCompletionSource? pump = null;
        lock (_gate)
        {
            LocationIndex index = IndexOf(isDescriptor);
            if (!index.TryGet(id, out RecordLocation now) || now != location)
                return false;
            index.Remove(id, out _);
            Unlink(location);
            _badRecords++;
            Observer?.Invoke(new StoreChange(id, isDescriptor, IsAdded: false, Stripe: null));
            _checkpointIsOld = true;
            if (!IsDisposed)
            {
                // Under the gate: the note stands in the log before any record by which the blob is put again.
                RecordKind kind = isDescriptor ? RecordKind.DescriptorTombstone : RecordKind.BlobTombstone;
                note = new WriteUnit(new WriteOperation { Kind = kind, Id = id, Flags = RecordFlags.Rotten });
                pump = EnqueueUnderGate(note);
            }
        }
        if (note is not null)
            _ = ObserveAsync(note.Done);
        if (pump is not null)
            _ = PumpAsync(pump);
        return true;
    }

    // If the note cannot be written, the next start finds the damage again.
    private static async Task ObserveAsync(Task noted)
    {
        try
        {
            await noted;
        }
        catch (MegatorrentException)
        {
        }
    }
}
