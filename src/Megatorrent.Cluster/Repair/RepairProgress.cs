namespace Megatorrent.Cluster.Repair;

/// <summary>
/// The numbers of <see cref="RepairStatus"/> that change while a cycle runs: what was restored, what is still to be moved, and how fast it
/// goes. Thread-safe.
/// </summary>
internal sealed class RepairProgress(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _underRepair;
    private long _stripesRepaired;
    private long _blobsRestored;
    private long _bytesMoved;
    private long _planned; // bytes that the cycle is to move, by what the survey found
    private long _left;    // of these, of stripes that are not done
    private long _movedAtStart;
    private long _started;
    private double _lastRate;

    /// <summary>Stripes being restored.</summary>
    public long UnderRepair => Volatile.Read(ref _underRepair);

    /// <summary>Stripes restored since the start.</summary>
    public long StripesRepaired => Volatile.Read(ref _stripesRepaired);

    /// <summary>Blobs restored since the start.</summary>
    public long BlobsRestored => Volatile.Read(ref _blobsRestored);

    /// <summary>Bytes fetched and stored since the start.</summary>
    public long BytesMoved => Volatile.Read(ref _bytesMoved);

    /// <summary>How far the restoration that runs has come.</summary>
    /// <param name="rateLimit">Bytes a second that repair may move, 0 for no limit: the guess before anything was measured.</param>
    /// <returns>
    /// Bytes that are still to be moved; bytes moved in this cycle; bytes a second; seconds that the rest will take, -1 when unknown.
    /// </returns>
    public (long ToMove, long Done, long Rate, long SecondsLeft) Now(long rateLimit)
    {
        lock (_gate)
        {
            if (_planned == 0)
                return (0, 0, 0, 0);
            long done = BytesMoved - _movedAtStart;
            double seconds = time.GetElapsedTime(_started).TotalSeconds;
            double rate = done > 0 && seconds > 0 ? done / seconds : _lastRate > 0 ? _lastRate : rateLimit;
            return (_left, done, (long)rate, _left == 0 ? 0 : rate > 0 ? (long)Math.Ceiling(_left / rate) : -1);
        }
    }

    /// <summary>A cycle has found what there is to move, and begins.</summary>
    public void BeginMoving(long bytes)
    {
        lock (_gate)
        {
            _planned = _left = bytes;
            _movedAtStart = BytesMoved;
            _started = time.GetTimestamp();
        }
    }

    /// <summary>The work on stripes for which so many bytes were planned is over, whether it succeeded or not.</summary>
    public void Settle(long bytes)
    {
        lock (_gate)
            _left = Math.Max(0, _left - bytes);
    }

    /// <summary>The cycle is over.</summary>
    public void EndMoving()
    {
        lock (_gate)
        {
            long done = BytesMoved - _movedAtStart;
            double seconds = time.GetElapsedTime(_started).TotalSeconds;
            if (done > 0 && seconds > 0)
                _lastRate = done / seconds;
            _planned = _left = 0;
        }
    }

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
