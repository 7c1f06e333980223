using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Index;

namespace Megatorrent.Storage;

public sealed partial class BlobStore
{
    private const int TriesPerPick = 4; // free slots are few: they are used again first

    /// <summary>A snapshot of the segments, by number.</summary>
    public IReadOnlyList<SegmentStatistics> Segments
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                return [.. _segments.Values.Select(static segment => new SegmentStatistics(segment.Number, segment.LiveBytes))];
            }
        }
    }

    /// <summary>The number of the segment that a blob lies in now; false if it is not here.</summary>
    public bool TryGetSegment(BlobId id, out uint segment)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            bool found = _blobs.TryGet(id, out RecordLocation location);
            segment = location.Segment;
            return found;
        }
    }

    /// <summary>
    /// Stripe ids of descriptors held here, each equally likely and none twice; all of them when there are at most
    /// <paramref name="count"/>, else nearly always as many. Costs the same however many there are.
    /// </summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="random">What chooses.</param>
    public IReadOnlyList<BlobId> PickDescriptors(int count, IRandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(random);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            if (_descriptors.Count <= count)
                return Snapshot(_descriptors);
            var picked = new HashSet<BlobId>();
            for (int tries = count * TriesPerPick; tries > 0 && picked.Count < count; tries--)
            {
                if (_descriptors.TryGetSlot(random.Next(_descriptors.SlotCount), out BlobId id, out _))
                    picked.Add(id);
            }
            return [.. picked];
        }
    }

    /// <summary>
    /// As <see cref="ScrubAsync"/> for the records of one segment from an offset on, in their order; what is put meanwhile is not
    /// checked. Nothing to check, where the segment is gone.
    /// </summary>
    /// <param name="segment">The segment's number.</param>
    /// <param name="fromOffset">Records that begin before it are passed over: 0, or the offset that an earlier scrub came to.</param>
    /// <param name="options">The rate, and who is told of the progress.</param>
    /// <param name="cancellationToken">Cuts it short.</param>
    /// <exception cref="OperationCanceledException">Cancelled, or the store was disposed; what was found bad stays dropped.</exception>
    public async ValueTask<ScrubReport> ScrubSegmentAsync(
        uint segment, long fromOffset, ScrubOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(fromOffset);
        using CancellationTokenSource stop = LinkToStopping(cancellationToken);
        return await RunScrubAsync(
            ListByPlace(location => location.Segment == segment && location.Offset >= fromOffset), options, tellOffset: true, stop.Token);
    }
}
