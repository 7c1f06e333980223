using Megatorrent.Cluster.Repair;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// Which leases a node knows and for which of its stripes, when each stripe was last stored, and what is being stored or deleted at this
/// moment: the one place where a put and the collection meet (docs/spec/garbage.md, "No race"). In memory, some 130 bytes a stripe and 500 a
/// lease; <see cref="LeaseLog"/> keeps it. Thread-safe.
/// </summary>
/// <param name="options">Limits and periods.</param>
/// <param name="time">The clock.</param>
internal sealed class LeaseTable(LeaseOptions options, TimeProvider time)
{
    /// <summary>The most leases of one stripe, so that nobody fills a node by keeping one stripe again and again.</summary>
    public const int MaxLeasesPerStripe = 65_536;

    private const long FullPauseMs = 60_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(NodeId Owner, BlobId Object), Lease> _leases = [];
    private readonly Dictionary<BlobId, Entry> _stripes = [];
    private readonly HashSet<LeaseGuard> _inFlight = [];
    private readonly RecentBlobs _collected = new(TimeSpan.FromMilliseconds(2.0 * options.CollectPeriodMs), time); // ids of stripes
    private HashSet<BlobId>? _spared; // blobs that somebody stored or kept since the collection under way began; null: none is
    private HashSet<BlobId>? _doomed; // blobs that it may delete
    private HashSet<BlobId> _deleting = [];
    private TaskCompletionSource? _deleted;
    private int _looks;
    private long _fullUntilUnixMs; // until then nothing is looked for that could make room

    /// <summary>Nothing counts as older than this, Unix ms: raised when what was remembered may be incomplete.</summary>
    public long FloorUnixMs { get; set; }

    /// <summary>Leases known.</summary>
    public int Leases
    {
        get
        {
            lock (_gate)
                return _leases.Count;
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Begins to store or to keep something of a stripe: from now on until the guard is disposed, and for the safety period after, the collection
    /// leaves it alone. Await <see cref="LeaseGuard.Clear"/> before looking at the store.
    /// </summary>
    public LeaseGuard Enter(StripeDescriptor stripe)
    {
        lock (_gate)
        {
            var guard = new LeaseGuard(this, stripe);
            _inFlight.Add(guard);
            EntryOf(stripe.Id).TouchedUnixMs = Now;
            foreach (BlobId id in stripe.Ids)
            {
                if (_doomed?.Contains(id) == true)
                    _spared!.Add(id);
                if (_deleting.Contains(id))
                    guard.Clear = _deleted!.Task;
            }
            return guard;
        }
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    /// <param name="guard">What it returned.</param>
    /// <param name="isHere">Whether the descriptor is here now; without it and without leases there is nothing to remember.</param>
    public void Leave(LeaseGuard guard, bool isHere)
    {
        lock (_gate)
        {
            _inFlight.Remove(guard);
            if (!isHere && _stripes.TryGetValue(guard.Stripe.Id, out Entry? entry) && entry.Leases.Length == 0)
                _stripes.Remove(guard.Stripe.Id);
        }
    }

    /// <summary>
    /// Takes a statement in, for stripes whose descriptors are here. It counts at once; it is remembered when the log says so.
    /// </summary>
    /// <param name="statement">Validated.</param>
    /// <param name="certificate">The owner's, encoded.</param>
    /// <param name="stripes">The stripes.</param>
    /// <param name="learnedUnixMs">When it was learned, where it is remembered, which no limit forbids; null: now.</param>
    /// <returns>The lease as it is now, and whether anything is new.</returns>
    /// <exception cref="MegatorrentException">LimitExceeded: too many leases; nothing changed.</exception>
    public (Lease Lease, bool IsNew) Apply(
        LeaseStatement statement, byte[] certificate, IReadOnlyList<BlobId> stripes, long? learnedUnixMs = null)
    {
        lock (_gate)
        {
            bool isNew = false;
            if (!_leases.TryGetValue((statement.Owner, statement.Object), out Lease? lease))
            {
                if (learnedUnixMs is null && _leases.Count >= options.MaxLeases && !TryMakeRoom())
                    throw new MegatorrentException(ErrorKind.LimitExceeded, $"This node knows {_leases.Count} leases already and takes no more.");
                lease = new Lease(statement, certificate, learnedUnixMs ?? Now);
                isNew = true;
            }
            foreach (BlobId stripe in stripes)
            {
                if (learnedUnixMs is null && _stripes.TryGetValue(stripe, out Entry? known) && known.Leases.Length >= MaxLeasesPerStripe && !known.Leases.Contains(lease))
                    throw new MegatorrentException(ErrorKind.LimitExceeded, $"Stripe {stripe} has {MaxLeasesPerStripe} leases already.");
            }
            if (isNew)
            {
                _leases.Add((statement.Owner, statement.Object), lease);
            }
            else if (statement.Supersedes(lease.Statement))
            {
                lease.Replace(statement, certificate, learnedUnixMs ?? Now);
                isNew = true;
            }
            foreach (BlobId stripe in stripes)
                isNew |= EntryOf(stripe).Add(lease);
            return (lease, isNew);
        }
    }

    /// <summary>Whether any statement of an owner about an object is known.</summary>
    public bool Knows(NodeId owner, BlobId objectId)
    {
        lock (_gate)
            return _leases.ContainsKey((owner, objectId));
    }

    /// <summary>What is known of a stripe.</summary>
    /// <param name="stripe">Its id.</param>
    /// <param name="isHere">Whether its descriptor is here.</param>
    public StripeState StateOf(BlobId stripe, bool isHere)
    {
        lock (_gate)
        {
            return _stripes.TryGetValue(stripe, out Entry? entry) && entry.Leases.Length > 0
                ? IsKept(entry) ? StripeState.Kept : StripeState.Ended
                : isHere ? StripeState.Orphan : StripeState.Unknown;
        }
    }

    /// <summary>
    /// Whether nobody keeps a stripe any more: it has leases of which none lives, or was collected here lately while others may hold it still.
    /// </summary>
    public bool IsEnded(BlobId stripe)
    {
        lock (_gate)
        {
            return _stripes.TryGetValue(stripe, out Entry? entry)
                ? entry.Leases.Length > 0 && !IsKept(entry)
                : _collected.Contains(in stripe);
        }
    }

    /// <summary>The sum of the digests of a stripe's leases; 0 for none.</summary>
    public ulong DigestOf(BlobId stripe)
    {
        lock (_gate)
        {
            ulong sum = 0;
            if (_stripes.TryGetValue(stripe, out Entry? entry))
            {
                foreach (Lease lease in entry.Leases)
                    sum = unchecked(sum + lease.Digest);
            }
            return sum;
        }
    }

    /// <summary>The leases of a stripe, in the order in which they were learned, with their statements as they are now.</summary>
    public IReadOnlyList<(Lease Lease, LeaseStatement Statement, byte[] Certificate)> LeasesOf(BlobId stripe)
    {
        lock (_gate)
        {
            return _stripes.TryGetValue(stripe, out Entry? entry)
                ? Array.ConvertAll(entry.Leases, static lease => (lease, lease.Statement, lease.Certificate))
                : [];
        }
    }

    /// <summary>Looks at all stripes: how they stand, which may be deleted as far as this node knows, and which lack their descriptor.</summary>
    /// <param name="here">The stripes whose descriptor is here. Asked for under the table's lock, so that it is not of a moment before.</param>
    public (LeaseCensus Census, List<BlobId> Due, List<BlobId> Undescribed) Look(IEnumerable<BlobId> here)
    {
        lock (_gate)
        {
            int kept = 0, waiting = 0, orphans = 0;
            var due = new List<BlobId>();
            _looks++;
            foreach (BlobId stripe in here)
            {
                if (!_stripes.TryGetValue(stripe, out Entry? entry))
                {
                    // From before this node knew of leases: its time begins now.
                    _stripes.Add(stripe, new Entry { TouchedUnixMs = Now, SeenAtLook = _looks });
                    orphans++;
                    continue;
                }
                entry.SeenAtLook = _looks;
                if (IsKept(entry))
                    kept++;
                else if (IsDue(entry))
                    due.Add(stripe);
                else if (entry.Leases.Length > 0)
                    waiting++;
                if (entry.Leases.Length == 0)
                    orphans++;
            }
            List<BlobId> undescribed = [];
            foreach ((BlobId stripe, Entry entry) in _stripes)
            {
                if (entry.SeenAtLook != _looks && (entry.Leases.Length == 0 || IsKept(entry)) && !IsInFlight(stripe))
                    undescribed.Add(stripe);
            }
            return (new LeaseCensus(kept, waiting, due.Count, orphans, undescribed.Count), due, undescribed);
        }
    }

    /// <summary>
    /// Begins a collection. What is being stored or kept now, and from now on, is spared. One at a time, ended by <see cref="Reprieve"/>.
    /// </summary>
    /// <param name="stripes">Stripes that <see cref="Look"/> found due a moment ago.</param>
    /// <returns>Those that still are.</returns>
    public List<StripeDescriptor> Doom(IEnumerable<StripeDescriptor> stripes)
    {
        lock (_gate)
        {
            _doomed = [];
            _spared = [];
            List<StripeDescriptor> due = [.. stripes.Where(stripe => IsStillDue(stripe.Id))];
            foreach (StripeDescriptor stripe in due)
                _doomed.UnionWith(stripe.Ids.ToArray());
            foreach (LeaseGuard guard in _inFlight)
                _spared.UnionWith(guard.Stripe.Ids.ToArray());
            return due;
        }
    }

    /// <summary>Ends a collection.</summary>
    public void Reprieve()
    {
        lock (_gate)
        {
            _doomed = null;
            _spared = null;
        }
    }

    /// <summary>
    /// The last look before a stripe's blobs are deleted: true, and everybody who wants them waits for <see cref="Deleted"/>, if still no lease
    /// lives, nobody stored or kept anything of it since <see cref="Doom"/>, and the periods are over.
    /// </summary>
    /// <param name="stripe">The stripe.</param>
    /// <param name="sharers">Other stripes that were to be deleted and have blobs in common with it: all must still be due too.</param>
    public bool TryBeginDelete(StripeDescriptor stripe, IEnumerable<BlobId> sharers)
    {
        lock (_gate)
        {
            if (_spared is null || _deleted is not null || !IsStillDue(stripe.Id) || !sharers.All(IsStillDue))
                return false;
            foreach (BlobId id in stripe.Ids)
            {
                if (_spared.Contains(id))
                    return false;
            }
            _deleting = [.. stripe.Ids];
            _deleted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>The deletion that <see cref="TryBeginDelete"/> allowed has ended, with success or not.</summary>
    public void Deleted(BlobId stripe, bool isGone)
    {
        TaskCompletionSource? deleted;
        lock (_gate)
        {
            deleted = _deleted;
            _deleting = [];
            _deleted = null;
            if (isGone)
                _collected.Add(in stripe);
            if (isGone && !IsInFlight(stripe))
                Forget(stripe);
        }
        deleted?.SetResult();
    }

    /// <summary>
    /// Begins to let a stripe go of which no blob is here any more, because others hold them all: true, and everybody who wants to store or to
    /// keep something of it waits for <see cref="Dismissed"/>; false when somebody does just now, or a deletion is under way.
    /// </summary>
    public bool TryBeginDismiss(StripeDescriptor stripe)
    {
        lock (_gate)
        {
            if (_deleted is not null || IsInFlight(stripe.Id))
                return false;
            _deleting = [.. stripe.Ids];
            _deleted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>The stripe has left, or not; what is known of it is dropped, leases that live too: others know them.</summary>
    public void Dismiss(BlobId stripe)
    {
        lock (_gate)
            Forget(stripe);
    }

    /// <summary>Ends what <see cref="TryBeginDismiss"/> began.</summary>
    public void Dismissed()
    {
        TaskCompletionSource? deleted;
        lock (_gate)
        {
            deleted = _deleted;
            _deleting = [];
            _deleted = null;
        }
        deleted?.SetResult();
    }

    /// <summary>The stripe is not here any more: what is known of it is dropped, unless a lease lives.</summary>
    public void Drop(BlobId stripe)
    {
        lock (_gate)
        {
            if (_stripes.TryGetValue(stripe, out Entry? entry) && !IsKept(entry))
                Forget(stripe);
        }
    }

    /// <summary>When a stripe was last stored, as remembered from before a restart.</summary>
    public void Touched(BlobId stripe, long unixMs)
    {
        lock (_gate)
        {
            Entry entry = EntryOf(stripe);
            entry.TouchedUnixMs = Math.Max(entry.TouchedUnixMs, unixMs);
        }
    }

    /// <summary>Leases that ended long ago and are known for no stripe any more are dropped.</summary>
    /// <param name="beforeUnixMs">Long ago.</param>
    public void Prune(long beforeUnixMs)
    {
        lock (_gate)
        {
            foreach ((var key, Lease lease) in _leases)
            {
                if (lease.Stripes == 0 && !IsLiving(lease) && lease.EndedUnixMs < beforeUnixMs)
                    _leases.Remove(key);
            }
        }
    }

    /// <summary>Everything, for the log: each lease with its stripes, and when each stripe was stored.</summary>
    public (List<(LeaseStatement Statement, byte[] Certificate, long LearnedUnixMs, List<BlobId> Stripes)> Leases,
        List<(BlobId Stripe, long TouchedUnixMs)> Touched) Snapshot()
    {
        lock (_gate)
        {
            var stripes = new Dictionary<Lease, List<BlobId>>(_leases.Count);
            foreach (Lease lease in _leases.Values)
                stripes.Add(lease, new List<BlobId>(lease.Stripes));
            var touched = new List<(BlobId, long)>(_stripes.Count);
            foreach ((BlobId stripe, Entry entry) in _stripes)
            {
                touched.Add((stripe, Math.Max(entry.TouchedUnixMs, FloorUnixMs)));
                foreach (Lease lease in entry.Leases)
                    stripes[lease].Add(stripe);
            }
            return ([.. stripes.Select(static pair => (pair.Key.Statement, pair.Key.Certificate, pair.Key.LearnedUnixMs, pair.Value))], touched);
        }
    }

    // A node that is full of what was forgotten must go on for years. Half of it goes at once, since each pass is over all leases; a pass that
    // found little is not made again for a while.
    private bool TryMakeRoom()
    {
        if (Now < _fullUntilUnixMs)
            return false;
        (NodeId Owner, BlobId Object)[] ended =
        [
            .. _leases.Where(pair => pair.Value.Stripes == 0 && !IsLiving(pair.Value)).OrderBy(static pair => pair.Value.EndedUnixMs)
                .Select(static pair => pair.Key),
        ];
        foreach (var key in ended.AsSpan(0, (ended.Length + 1) / 2))
            _leases.Remove(key);
        if (ended.Length < options.MaxLeases / 64)
            _fullUntilUnixMs = Now + FullPauseMs;
        return ended.Length > 0;
    }

    private bool IsStillDue(BlobId stripe) => _stripes.TryGetValue(stripe, out Entry? entry) && IsDue(entry);

    private void Forget(BlobId stripe)
    {
        if (!_stripes.Remove(stripe, out Entry? entry))
            return;
        foreach (Lease lease in entry.Leases)
            lease.Stripes--;
    }

    private bool IsInFlight(BlobId stripe)
    {
        foreach (LeaseGuard guard in _inFlight)
        {
            if (guard.Stripe.Id == stripe)
                return true;
        }
        return false;
    }

    private Entry EntryOf(BlobId stripe)
    {
        if (!_stripes.TryGetValue(stripe, out Entry? entry))
            _stripes.Add(stripe, entry = new Entry());
        return entry;
    }

    // A lease counts a little longer than it says: the owner's clock, or another holder's, may be behind.
    private bool IsLiving(Lease lease) => lease.Statement.IsLivingAt((Now - options.ClockSkewMs) / 1000);

    private bool IsKept(Entry entry)
    {
        foreach (Lease lease in entry.Leases)
        {
            if (IsLiving(lease))
                return true;
        }
        return false;
    }

    private bool IsDue(Entry entry)
    {
        if (IsKept(entry) || (entry.Leases.Length == 0 && !options.CollectOrphans))
            return false;
        long last = Math.Max(FloorUnixMs, entry.TouchedUnixMs);
        foreach (Lease lease in entry.Leases)
            last = Math.Max(last, lease.EndedUnixMs);
        return Now - last >= (entry.Leases.Length == 0 ? options.OrphanMs : options.SafetyMs);
    }

    private sealed class Entry
    {
        public long TouchedUnixMs { get; set; }

        public int SeenAtLook { get; set; }

        public Lease[] Leases { get; private set; } = [];

        public bool Add(Lease lease)
        {
            if (Leases.Contains(lease))
                return false;
            Leases = [.. Leases, lease];
            lease.Stripes++;
            return true;
        }
    }
}
