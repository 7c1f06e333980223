namespace Megatorrent.Storage;

/// <summary>The numbers of a store at one moment.</summary>
/// <param name="Blobs">Blobs that can be read.</param>
/// <param name="Descriptors">Stripe descriptors that can be read.</param>
/// <param name="LiveBytes">Bytes on disk of their records, headers included.</param>
/// <param name="DeadBytes">All other bytes on disk in segments: deleted and damaged records, tombstones, headers of segments.</param>
/// <param name="CapacityBytes">What <see cref="BlobStoreOptions.CapacityBytes"/> says.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="BadRecords">Records found damaged since the store was opened, at recovery or later.</param>
/// <param name="IndexBytes">Bytes of memory that the index holds.</param>
public readonly record struct StoreStatistics(
    long Blobs,
    long Descriptors,
    long LiveBytes,
    long DeadBytes,
    long CapacityBytes,
    int Segments,
    long BadRecords,
    long IndexBytes)
{
    /// <summary>Bytes on disk, live and dead: what counts against the capacity.</summary>
    public long UsedBytes => LiveBytes + DeadBytes;
}
