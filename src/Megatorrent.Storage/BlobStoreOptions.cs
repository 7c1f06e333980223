using Megatorrent.Core;
using Megatorrent.Core.Execution;

namespace Megatorrent.Storage;

/// <summary>How a <see cref="BlobStore"/> behaves. The defaults suit a node on a disk of its own.</summary>
public sealed record BlobStoreOptions
{
    /// <summary>The least <see cref="SegmentBytes"/>: smaller ones would be all header.</summary>
    public const long SegmentBytesMin = 4096;

    /// <summary>The most <see cref="SegmentBytes"/>: offsets are kept in 32 bits.</summary>
    public const long SegmentBytesMax = 2L << 30;

    /// <summary>
    /// Bytes on disk that the store may fill, headers and dead records included; then puts fail with StoreFull. Deletions are always let
    /// through, and a compaction may go over it by the live part of one segment for a moment. No limit by default.
    /// </summary>
    public long CapacityBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Bytes after which a new segment file begins, 256 MiB by default: large enough to keep the count of open files low, small enough
    /// to compact. A record longer than this gets a segment of its own.
    /// </summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Bytes written before one flush at the most, 16 MiB by default: bounds how long the first put of a batch waits for the last.
    /// </summary>
    public long BatchBytes { get; init; } = 16L << 20;

    /// <summary>Bytes of puts waiting to be written at the most, 64 MiB by default; further puts wait their turn.</summary>
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Free bytes of the disk that puts leave alone, 64 MiB by default, so that deletions and checkpoints still find room.
    /// </summary>
    public long ReserveFreeBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Bytes written between two checkpoints of the index, 1 GiB by default: what a start after a crash has to read again.
    /// </summary>
    public long CheckpointBytes { get; init; } = 1L << 30;

    /// <summary>The part of a segment, 0 to 1, that must be dead before a compaction rewrites the rest; 0.3 by default.</summary>
    public double CompactionDeadRatio { get; init; } = 0.3;

    /// <summary>
    /// Whether deletions start a compaction by themselves once <see cref="CompactionDeadRatio"/> of the store is dead; true by default.
    /// </summary>
    public bool AutoCompact { get; init; } = true;

    /// <summary>Where file access and hashing run; the thread pool by default.</summary>
    public IWorkExecutor Executor { get; init; } = ThreadPoolExecutor.Instance;

    /// <summary>The clock by which scrubbing keeps its rate; the system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the store's secret salt comes from when it is made; the system's by default.</summary>
    public IRandomSource Random { get; init; } = SystemRandomSource.Instance;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Executor);
        ArgumentNullException.ThrowIfNull(Time);
        ArgumentNullException.ThrowIfNull(Random);
        Require(CapacityBytes > 0, nameof(CapacityBytes), "greater than 0");
        Require(SegmentBytes is >= SegmentBytesMin and <= SegmentBytesMax, nameof(SegmentBytes), $"{SegmentBytesMin} to {SegmentBytesMax}");
        Require(BatchBytes > 0, nameof(BatchBytes), "greater than 0");
        Require(QueueBytes > 0, nameof(QueueBytes), "greater than 0");
        Require(ReserveFreeBytes >= 0, nameof(ReserveFreeBytes), "0 or more");
        Require(CheckpointBytes > 0, nameof(CheckpointBytes), "greater than 0");
        Require(CompactionDeadRatio is > 0 and <= 1, nameof(CompactionDeadRatio), "greater than 0 and at most 1");
    }

    private static void Require(bool holds, string name, string range)
    {
        if (!holds)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"The store option {name} must be {range}.");
    }
}
