using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// While this node drains: whether anything still depends on it. Something does as long as a blob that it holds is on no living member that
/// stays, or, under replication, on too few of them, or a member that should answer does not. Only evidence counts: a `want` that each
/// of them answered. Thread-safe.
/// </summary>
internal sealed class DrainWatch : IAsyncDisposable
{
    private const int BatchStripes = 256;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30); // between two looks; layouts and cycles bring one forward
    private static readonly TimeSpan IdlePeriod = TimeSpan.FromDays(1);  // while it does not drain: a layout wakes it

    private readonly NodeParts _parts;
    private readonly IRepairPeers _peers;
    private readonly AsyncSignal _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _loop = Task.CompletedTask;
    private bool _isDrained;
    private long _blobsLeft;

    /// <summary>Puts it together.</summary>
    public DrainWatch(NodeParts parts)
    {
        _parts = parts;
        _peers = new PoolRepairPeers(parts.Pool);
        _signal = new AsyncSignal(parts.Time);
    }

    /// <summary>Whether the last look found that nothing depends on this node, and it drains still.</summary>
    public bool IsDrained
    {
        get
        {
            lock (_gate)
                return _isDrained && _parts.Membership.Mode != NodeMode.Active;
        }
    }

    /// <summary>Blobs that the last look found to depend on this node; all that it holds before the first look.</summary>
    public long BlobsLeft
    {
        get
        {
            lock (_gate)
                return _parts.Membership.Mode == NodeMode.Active ? 0 : _isDrained ? 0 : _blobsLeft;
        }
    }

    /// <summary>Starts to look.</summary>
    public void Start()
    {
        _parts.Repair.CycleCompleted += CycleCompleted;
        _parts.Membership.Changed += MembershipChanged;
        _loop = RunAsync();
    }

    /// <summary>Asks for a look soon.</summary>
    public void Look()
    {
        lock (_gate)
        {
            _isDrained = false;
            _blobsLeft = _parts.Store.Statistics.Blobs;
        }
        _signal.Set();
    }

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _parts.Repair.CycleCompleted -= CycleCompleted;
        _parts.Membership.Changed -= MembershipChanged;
        _stop.Cancel();
        await _loop;
        _stop.Dispose();
    }

    private void CycleCompleted(CycleResult result) => _signal.Set();

    // Whoever died or left may be the one that a blob was copied to.
    private void MembershipChanged(ClusterView view)
    {
        if (_parts.Membership.Mode != NodeMode.Draining)
            return;
        lock (_gate)
            _isDrained = false;
        _signal.Set();
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        bool told = false;
        try
        {
            while (true)
            {
                if (_parts.Membership.Mode == NodeMode.Draining)
                {
                    long left = await LookAsync(stop);
                    lock (_gate)
                    {
                        _blobsLeft = left;
                        _isDrained = left == 0;
                    }
                    if (left == 0 && !told)
                        _parts.Log.Info("drained: nothing depends on this node any more; it can be removed");
                    told = left == 0;
                }
                else
                {
                    told = false;
                }
                await _signal.WaitAsync(_parts.Membership.Mode == NodeMode.Draining ? Period : IdlePeriod, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async ValueTask<long> LookAsync(CancellationToken stop)
    {
        try
        {
            return await CountAsync(stop);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            _parts.Log.Debug($"the drain is looked at again later: {exception.Message}"); // whatever it was: the next look must come
            return Math.Max(1, _parts.Store.Statistics.Blobs);
        }
    }

    private async ValueTask<long> CountAsync(CancellationToken cancellationToken)
    {
        ClusterView view = _parts.Repair.View;
        Member[] stayers = [.. view.Living.Where(member => member is { TakesBlobs: true, IsSuspended: false } && member.Id != _parts.Self)];
        var safe = new HashSet<BlobId>();    // 40 bytes a blob while it looks, less than the store's own index
        var wanting = new HashSet<BlobId>(); // a blob that two stripes share is safe when it is for each of them
        foreach (BlobId[] batch in _parts.Store.EnumerateDescriptors().Chunk(BatchStripes))
            await CheckAsync(batch, stayers, view, safe, wanting, cancellationToken);
        view = _parts.Repair.View; // who answered at first may have died, begun to drain or been suspended meanwhile
        if (Array.Find(stayers, member => view.Find(member.Id) is not { IsLiving: true, TakesBlobs: true, IsSuspended: false }) is { } gone)
            throw new MegatorrentException(ErrorKind.Unreachable, $"node {gone.Id.ToShortString()} left meanwhile");
        safe.ExceptWith(wanting);
        return _parts.Store.Blobs.Count(id => !safe.Contains(id)); // a blob without a descriptor is nobody's to repair: it stays counted
    }

    private async ValueTask CheckAsync(
        BlobId[] stripes, Member[] stayers, ClusterView view, HashSet<BlobId> safe, HashSet<BlobId> wanting,
        CancellationToken cancellationToken)
    {
        var held = new List<(StripeDescriptor Stripe, BlobId Id)>();
        foreach (BlobId stripe in stripes)
        {
            if (await _parts.Store.GetDescriptorAsync(stripe, cancellationToken) is not { } encoded)
                continue;
            StripeDescriptor descriptor = StripeDescriptor.Decode(encoded);
            foreach (BlobId id in descriptor.Ids)
            {
                if (_parts.Store.Contains(id))
                    held.Add((descriptor, id));
            }
        }
        if (held.Count == 0)
            return;
        BlobId[] ids = [.. held.Select(static item => item.Id)];
        var counts = new int[ids.Length];
        bool[][] answers = await Task.WhenAll(stayers.Select(async member => await _peers.WantAsync(member, ids, cancellationToken)));
        foreach (bool[] has in answers)
        {
            for (int i = 0; i < has.Length; i++)
                counts[i] += has[i] ? 1 : 0;
        }
        for (int i = 0; i < ids.Length; i++)
        {
            StripeDescriptor stripe = held[i].Stripe;
            int needed = stripe.IsReplication ? Math.Min(stripe.TotalBlobs, PlacesFor(stripe, stayers, view)) : 1;
            (counts[i] < Math.Max(1, needed) ? wanting : safe).Add(ids[i]);
        }
    }

    // Copies that those who stay can hold: fewer than the stripe wants where there are too few of them.
    private static int PlacesFor(StripeDescriptor stripe, Member[] stayers, ClusterView view) =>
        Placement.Assign(stripe.Id, stripe.TotalBlobs, stayers, view.SpreadOf(stripe.TotalBlobs), oneEach: true)
            .Count(static place => place is not null);
}
