using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Sessions;
using Megatorrent.Storage;

namespace Megatorrent.Cluster.Entropy;

/// <summary>
/// What this node holds, added up by the member that compares it and by range: 24 bytes of memory a descriptor. Built by one pass over the
/// descriptors, then kept by the store's changes; built anew where these do not say what they meant, and when the layout is another.
/// Thread-safe.
/// </summary>
internal sealed class EntropyTable
{
    private const int MaxChanged = 16_384; // stripes; beyond, a pass over all is cheaper than looking through them in every range

    private readonly BlobStore _store;
    private readonly NodeId _self;
    private readonly Func<BlobId, bool> _isEnded;
    private readonly TimeProvider _time;
    private readonly TimeSpan _rebuildPause;
    private readonly CancellationToken _stop;
    private readonly Lock _gate = new();
    private HashSet<BlobId> _dirty = [];
    private bool _stale = true;
    private EntropyLayout? _layout;
    private OwnerSums[] _owners = [];
    private long _built;
    private Task _updating = Task.CompletedTask;

    /// <summary>Watches a store; nothing is built yet.</summary>
    /// <param name="store">The store; its observer is set.</param>
    /// <param name="self">This node.</param>
    /// <param name="isEnded">Whether nobody keeps a stripe any more: such a one is never listed, so that nobody fetches it back.</param>
    /// <param name="rebuildPause">Between two passes over all descriptors for the same layout, at least.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Fires when the table is no longer wanted, and ends what is under way.</param>
    public EntropyTable(BlobStore store, NodeId self, Func<BlobId, bool> isEnded, TimeSpan rebuildPause, TimeProvider time, CancellationToken stop)
    {
        _stop = stop;
        _store = store;
        _self = self;
        _isEnded = isEnded;
        _rebuildPause = rebuildPause;
        _time = time;
        store.Observer += Changed;
    }

    /// <summary>Passes over all descriptors so far.</summary>
    public long Builds { get; private set; }

    /// <summary>Waits until what is under way has ended, however it does.</summary>
    public async ValueTask SettleAsync()
    {
        Task update;
        lock (_gate)
            update = _updating;
        try
        {
            await update;
        }
        catch (Exception)
        {
            // Whoever asked for it is told.
        }
    }

    /// <summary>Brings the table up to date for a layout. What is under way goes on when whoever asked for it gives up.</summary>
    /// <exception cref="OperationCanceledException">The token fired, or the table is no longer wanted.</exception>
    public async ValueTask UpdateAsync(EntropyLayout layout, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task update;
            bool isMine;
            lock (_gate)
            {
                isMine = _updating.IsCompleted;
                if (isMine)
                {
                    if (IsCurrent(layout) && _dirty.Count == 0)
                        return;
                    _updating = RunAsync(layout);
                }
                update = _updating;
            }
            await update.OrCanceledAsync(cancellationToken);
            if (isMine)
                return;
        }
    }

    /// <summary>The sum of a range of the stripes that a member compares; nothing when the table is of another layout.</summary>
    public RangeSum SumOf(EntropyLayout layout, int owner, StripeRange range)
    {
        lock (_gate)
            return _layout is not null && _layout.Name.AsSpan().SequenceEqual(layout.Name) ? _owners[owner].SumOf(range) : default;
    }

    /// <summary>
    /// What is held now of each stripe in some ranges that a member compares, looked up afresh: a pass over the ids, and a read of each
    /// descriptor that is meant.
    /// </summary>
    /// <param name="layout">The layout.</param>
    /// <param name="owner">The member, by index.</param>
    /// <param name="ranges">The ranges, not overlapping.</param>
    /// <param name="countMax">Stripes at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The stripes and their sums, and whether there were more.</returns>
    public async ValueTask<(List<(BlobId Stripe, UInt128 Total)> Held, bool IsCut)> ListAsync(
        EntropyLayout layout, int owner, IReadOnlyList<StripeRange> ranges, int countMax, CancellationToken cancellationToken)
    {
        StripeRange[] sorted = [.. ranges.OrderBy(static range => range.Prefix)];
        ulong[] firsts = Array.ConvertAll(sorted, static range => range.Prefix);
        var held = new List<(BlobId Stripe, UInt128 Total)>();
        foreach (BlobId stripe in _store.EnumerateDescriptors())
        {
            ulong key = StripeRange.KeyOf(in stripe);
            int at = Array.BinarySearch(firsts, key);
            at = at >= 0 ? at : ~at - 1;
            if (at < 0 || key > sorted[at].Last || layout.OwnerOf(stripe) != owner || _isEnded(stripe))
                continue;
            if (await TotalAsync(stripe, layout.Members[owner].Id == _self, cancellationToken) is not { } total)
                continue;
            if (held.Count == countMax)
                return (held, true);
            held.Add((stripe, total));
        }
        return (held, false);
    }

    private async Task RunAsync(EntropyLayout layout)
    {
        await Task.Yield(); // whoever starts it holds the lock
        if (IsCurrent(layout))
            await ApplyAsync(layout, _stop);
        else
            await BuildAsync(layout, _stop);
    }

    private bool IsCurrent(EntropyLayout layout)
    {
        lock (_gate)
        {
            return _layout is not null && _layout.Name.AsSpan().SequenceEqual(layout.Name)
                && (!_stale || _time.GetElapsedTime(_built) < _rebuildPause);
        }
    }

    // Under the store's lock.
    private void Changed(StoreChange change)
    {
        lock (_gate)
        {
            if (change is { IsAdded: true, Stripe: { } stripe } && _dirty.Count < MaxChanged)
                _dirty.Add(stripe);
            else if (change is { IsAdded: false, IsDescriptor: true } && _dirty.Count < MaxChanged)
                _dirty.Add(change.Id);
            else
                _stale = true; // which stripes a blob is of cannot be asked
        }
    }

    private HashSet<BlobId> TakeDirty()
    {
        lock (_gate)
        {
            HashSet<BlobId> taken = _dirty;
            _dirty = [];
            return taken;
        }
    }

    private async ValueTask BuildAsync(EntropyLayout layout, CancellationToken cancellationToken)
    {
        lock (_gate)
            _stale = false; // what changes from here on is seen or noted
        TakeDirty();
        var owners = new OwnerSums[layout.Members.Count];
        for (int i = 0; i < owners.Length; i++)
            owners[i] = new OwnerSums();
        bool isDone = false;
        try
        {
            foreach (BlobId stripe in _store.EnumerateDescriptors())
            {
                int owner = layout.OwnerOf(stripe);
                if (await TotalAsync(stripe, layout.Members[owner].Id == _self, cancellationToken) is { } total)
                    owners[owner].Add(StripeRange.KeyOf(in stripe), total);
            }
            foreach (OwnerSums sums in owners)
                sums.Seal();
            isDone = true;
        }
        finally
        {
            lock (_gate)
            {
                if (isDone)
                    (_owners, _layout, _built, Builds) = (owners, layout, _time.GetTimestamp(), Builds + 1);
                else
                    _stale = true;
            }
        }
        await ApplyAsync(layout, cancellationToken);
    }

    private async ValueTask ApplyAsync(EntropyLayout layout, CancellationToken cancellationToken)
    {
        bool isDone = false;
        try
        {
            foreach (BlobId stripe in TakeDirty())
            {
                int owner = layout.OwnerOf(stripe);
                UInt128? total = await TotalAsync(stripe, layout.Members[owner].Id == _self, cancellationToken);
                lock (_gate)
                {
                    _owners[owner].Change(stripe, total);
                    if (_owners[owner].ChangedCount > MaxChanged)
                        _stale = true;
                }
            }
            isDone = true;
        }
        finally
        {
            if (!isDone)
            {
                lock (_gate)
                    _stale = true; // what was taken and not looked at is known no more
            }
        }
    }

    // What is held of a stripe; for the member that compares it less what all together should hold, so that the sum of all is 0. Null
    // without a descriptor.
    private async ValueTask<UInt128?> TotalAsync(BlobId stripe, bool isOwn, CancellationToken cancellationToken)
    {
        if (await _store.GetDescriptorAsync(stripe, cancellationToken) is not { } encoded)
            return null;
        StripeDescriptor descriptor = StripeDescriptor.Decode(encoded);
        UInt128 total = 0;
        foreach (ref readonly BlobId id in descriptor.Ids)
        {
            bool isHeld = _store.Contains(id);
            if (!isHeld && !isOwn)
                continue;
            UInt128 one = RangeSum.Of(in stripe, in id);
            if (isHeld)
                total = unchecked(total + one);
            if (isOwn)
                total = unchecked(total - (one * (UInt128)descriptor.CopiesPerId));
        }
        return total;
    }
}
