using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// What this node must not delete now, what it is deleting, and where it may hold more than it should. Nothing of it is written down: after
/// a start every wait begins anew. Thread-safe.
/// </summary>
internal sealed class SurplusLedger
{
    private const int MaxPromises = 65_536;   // beyond, nothing more is promised, and the others keep what they have
    private const int MaxCandidates = 65_536; // beyond, stripes are looked at when they are hinted at again

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly RecentBlobs _touched;
    private readonly Dictionary<BlobId, long> _promised = [];
    private readonly HashSet<BlobId> _deleting = [];
    private readonly Dictionary<BlobId, long> _candidates = []; // stripe, since when
    private readonly TimeSpan _wait;
    private bool _changed; // the membership, since stripes were taken
    private long _removed;
    private long _removedBytes;
    private long _refused;

    /// <summary>Starts empty.</summary>
    /// <param name="wait">From the first sign of surplus, and from the last touch of a blob, to its deletion.</param>
    /// <param name="time">The clock.</param>
    public SurplusLedger(TimeSpan wait, TimeProvider time)
    {
        _wait = wait;
        _time = time;
        _touched = new RecentBlobs(wait, time);
    }

    /// <summary>
    /// How long a promise to keep a blob is good: longer than <see cref="ConfirmTimeout"/>, within which the asker acts on it.
    /// </summary>
    public static TimeSpan PromiseTime { get; } = TimeSpan.FromMinutes(2);

    /// <summary>From the question to a keeper to the deletion, at most.</summary>
    public static TimeSpan ConfirmTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Blobs deleted because others hold them too; bytes of these; deletions that a keeper did not confirm.</summary>
    public (long Removed, long RemovedBytes, long Refused, int Candidates) Numbers
    {
        get
        {
            lock (_gate)
                return (_removed, _removedBytes, _refused, _candidates.Count);
        }
    }

    /// <summary>A client or a node stored the blob or asked whether it is here: it stays for the wait.</summary>
    public void Touch(in BlobId blob) => _touched.Add(in blob);

    /// <summary>
    /// Promises not to delete a blob for <see cref="PromiseTime"/>; false when it is being deleted, or nothing can be promised.
    /// </summary>
    public bool TryPromise(BlobId blob)
    {
        lock (_gate)
        {
            if (_deleting.Contains(blob))
                return false;
            Prune();
            if (_promised.Count >= MaxPromises && !_promised.ContainsKey(blob))
                return false;
            _promised[blob] = _time.GetTimestamp();
            return true;
        }
    }

    /// <summary>
    /// Begins to delete a blob: from now on it is promised to nobody. False when it is promised, was touched lately, or is being deleted,
    /// or the membership changed since <see cref="TakeDue"/>.
    /// </summary>
    public bool TryBeginDelete(BlobId blob)
    {
        lock (_gate)
        {
            if (_changed || _touched.Contains(in blob) || IsPromised(blob))
                return false;
            return _deleting.Add(blob);
        }
    }

    /// <summary>Whether a deletion that began may go on: nobody touched the blob meanwhile, and the membership is what it was.</summary>
    public bool MayDelete(BlobId blob)
    {
        lock (_gate)
            return !_changed && _deleting.Contains(blob) && !_touched.Contains(in blob);
    }

    /// <summary>The deletion that <see cref="TryBeginDelete"/> began is over.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="bytes">Its length when it was deleted; null when it was kept.</param>
    public void EndDelete(BlobId blob, long? bytes)
    {
        lock (_gate)
        {
            _deleting.Remove(blob);
            _removed += bytes is null ? 0 : 1;
            _removedBytes += bytes ?? 0;
            _refused += bytes is null ? 1 : 0;
        }
    }

    /// <summary>
    /// Begins to delete blobs that nobody keeps: from now on they are promised to nobody. False, and nothing begun, when one is promised or
    /// is being deleted.
    /// </summary>
    public bool TryBeginCollect(ReadOnlySpan<BlobId> blobs)
    {
        lock (_gate)
        {
            foreach (BlobId blob in blobs)
            {
                if (IsPromised(blob) || _deleting.Contains(blob))
                    return false;
            }
            foreach (BlobId blob in blobs)
                _deleting.Add(blob);
            return true;
        }
    }

    /// <summary>Ends what <see cref="TryBeginCollect"/> began.</summary>
    public void EndCollect(ReadOnlySpan<BlobId> blobs)
    {
        lock (_gate)
        {
            foreach (BlobId blob in blobs)
                _deleting.Remove(blob);
        }
    }

    /// <summary>Somebody found that this node may hold more of the stripe than it should. The first time counts.</summary>
    public void Suspect(BlobId stripe)
    {
        lock (_gate)
        {
            if (_candidates.Count < MaxCandidates)
                _candidates.TryAdd(stripe, _time.GetTimestamp());
        }
    }

    /// <summary>The membership changed: every wait begins anew, and of the stripes taken already nothing more is deleted.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _changed = true;
            long now = _time.GetTimestamp();
            foreach (BlobId stripe in _candidates.Keys.ToArray())
                _candidates[stripe] = now;
        }
    }

    /// <summary>
    /// Takes the stripes whose wait is over; each is gone from here until it is suspected again. To be called before the members are
    /// looked at by whom they are judged.
    /// </summary>
    /// <param name="countMax">How many at most.</param>
    public HashSet<BlobId> TakeDue(int countMax)
    {
        lock (_gate)
        {
            _changed = false;
            IEnumerable<BlobId> over =
                _candidates.Where(pair => _time.GetElapsedTime(pair.Value) >= _wait).Select(static pair => pair.Key);
            HashSet<BlobId> due = [.. over.Order().Take(countMax)];
            foreach (BlobId stripe in due)
                _candidates.Remove(stripe);
            return due;
        }
    }

    /// <summary>How long until the first wait is over; null when nothing waits.</summary>
    public TimeSpan? UntilDue()
    {
        lock (_gate)
        {
            if (_candidates.Count == 0)
                return null;
            TimeSpan left = _wait - _time.GetElapsedTime(_candidates.Values.Min());
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private bool IsPromised(BlobId blob) =>
        _promised.TryGetValue(blob, out long since) && _time.GetElapsedTime(since) < PromiseTime;

    private void Prune()
    {
        if (_promised.Count < MaxPromises)
            return;
        foreach ((BlobId blob, long since) in _promised.ToArray())
        {
            if (_time.GetElapsedTime(since) >= PromiseTime)
                _promised.Remove(blob);
        }
    }
}
