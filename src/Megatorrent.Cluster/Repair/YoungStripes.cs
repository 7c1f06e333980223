using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Repair;

/// <summary>
/// Stripes of which a client stored a blob here a moment ago. Their other blobs may be on the way, and a repair that took them for missing
/// would put them where the client does too. Thread-safe.
/// </summary>
/// <param name="age">How long a stripe stays young.</param>
/// <param name="time">The clock.</param>
internal sealed class YoungStripes(TimeSpan age, TimeProvider time)
{
    private const int MaxCount = 65_536; // beyond, the oldest is let go: a repair too early costs a copy

    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, long> _since = [];
    private readonly Queue<(BlobId Stripe, long Since)> _order = new();

    /// <summary>A client stored a blob of the stripe now. Only the first counts, or a slow client could keep a stripe from repair.</summary>
    public void Add(BlobId stripe)
    {
        lock (_gate)
        {
            Prune();
            long now = time.GetTimestamp();
            if (!_since.TryAdd(stripe, now))
                return;
            _order.Enqueue((stripe, now));
            if (_order.Count > MaxCount)
                _since.Remove(_order.Dequeue().Stripe);
        }
    }

    /// <summary>Whether the stripe is to be left alone for now.</summary>
    public bool Contains(BlobId stripe)
    {
        lock (_gate)
        {
            Prune();
            return _since.ContainsKey(stripe);
        }
    }

    private void Prune()
    {
        while (_order.TryPeek(out (BlobId Stripe, long Since) oldest) && time.GetElapsedTime(oldest.Since) >= age)
            _since.Remove(_order.Dequeue().Stripe);
    }
}
