using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage;

/// <summary>What opening a store found.</summary>
/// <param name="FromCheckpoint">Whether a checkpoint of the index was good; otherwise every segment was scanned.</param>
/// <param name="ScannedRecords">Records read in segments, that is, past the checkpoint.</param>
/// <param name="DamagedIds">Ids of blobs and stripes whose record is there but damaged; at most <see cref="DamagedIdsMax"/> of
/// them.</param>
/// <param name="SkippedBytes">Bytes in segments that belong to no record.</param>
/// <param name="TruncatedBytes">Bytes of a torn tail that were cut off the last segment.</param>
public sealed record RecoveryReport(
    bool FromCheckpoint,
    long ScannedRecords,
    IReadOnlyList<BlobId> DamagedIds,
    long SkippedBytes,
    long TruncatedBytes)
{
    /// <summary>The most ids kept in <see cref="DamagedIds"/>: a ruined disk must not fill the memory with names.</summary>
    public const int DamagedIdsMax = 10_000;

    /// <summary>
    /// Stripes of blobs in the last segment whose descriptor is not here: of a put that was cut short the blob may have reached the disk
    /// alone.
    /// </summary>
    public IReadOnlyList<BlobId> HalfStripes { get; init; } = [];
}
