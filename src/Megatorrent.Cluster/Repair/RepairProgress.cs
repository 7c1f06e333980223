namespace Megatorrent.Cluster.Repair;

/// <summary>The numbers of <see cref="RepairStatus"/> that change while a cycle runs. Thread-safe.</summary>
internal sealed class RepairProgress
{
    private long _underRepair;
    private long _stripesRepaired;
    private long _blobsRestored;
    private long _bytesMoved;

    /// <summary>Stripes being restored.</summary>
    public long UnderRepair => Volatile.Read(ref _underRepair);

    /// <summary>Stripes restored since the start.</summary>
    public long StripesRepaired => Volatile.Read(ref _stripesRepaired);

    /// <summary>Blobs restored since the start.</summary>
    public long BlobsRestored => Volatile.Read(ref _blobsRestored);

    /// <summary>Bytes fetched and stored since the start.</summary>
    public long BytesMoved => Volatile.Read(ref _bytesMoved);

    /// <summary>A stripe's restoration begins.</summary>
    public void Begin() => Interlocked.Increment(ref _underRepair);

    /// <summary>It ended, having put <paramref name="blobs"/> blobs where they belong.</summary>
    public void End(int blobs)
    {
        Interlocked.Decrement(ref _underRepair);
        Interlocked.Add(ref _blobsRestored, blobs);
        if (blobs > 0)
            Interlocked.Increment(ref _stripesRepaired);
    }

    /// <summary>Bytes went over the network.</summary>
    public void Moved(long bytes) => Interlocked.Add(ref _bytesMoved, bytes);
}
