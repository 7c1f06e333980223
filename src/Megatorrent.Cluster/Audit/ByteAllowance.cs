namespace Megatorrent.Cluster.Audit;

/// <summary>Bytes that may be fetched: a day's worth spread over the day, an hour's worth (or one blob) at once. Thread-safe.</summary>
/// <param name="bytesPerDay">The average; 0 for none at all.</param>
/// <param name="time">The clock.</param>
internal sealed class ByteAllowance(long bytesPerDay, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly double _most = bytesPerDay == 0 ? 0 : Math.Max(bytesPerDay / 24.0, Storage.BlobStore.BlobLengthMax);
    private double _left = bytesPerDay == 0 ? 0 : Math.Max(bytesPerDay / 24.0, Storage.BlobStore.BlobLengthMax);
    private long _filled = time.GetTimestamp();

    /// <summary>Bytes taken since the start.</summary>
    public long Taken { get; private set; }

    /// <summary>Takes some, if they are there.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            _left = Math.Min(_most, _left + (time.GetElapsedTime(_filled, now).TotalDays * bytesPerDay));
            _filled = now;
            if (bytes > _left)
                return false;
            _left -= bytes;
            Taken += bytes;
            return true;
        }
    }
}
