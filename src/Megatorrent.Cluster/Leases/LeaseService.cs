using Megatorrent.Cluster.Repair;
using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Testing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// A node's leases: takes them from owners, compares them with the other holders, and collects what nobody keeps. Rules: docs/spec/garbage.md.
/// </summary>
internal sealed class LeaseService : INodeService, IStripeCompanions
{
    private const long DayMs = 24L * 60 * 60 * 1000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1); // members come to be known in bursts

    private readonly NodeParts _parts;
    private readonly LeaseOptions _options;
    private readonly LeaseTable _table;
    private readonly LeaseLog _log;
    private readonly LeaseExchange _exchange;
    private readonly LeaseHolder _holder;
    private readonly Collector _collector;
    private readonly CancellationTokenSource _stop = new();
    private readonly AsyncSignal _changed;
    private readonly HashSet<NodeId> _compared = [];
    private readonly Lock _gate = new();
    private Task _exchanging = Task.CompletedTask;
    private Task _collecting = Task.CompletedTask;
    private LeaseCensus _census = new(0, 0, 0, 0, 0);
    private long _collectedStripes;
    private long _collectedBlobs;
    private long _collectedBytes;
    private bool _halted;
    private bool _frozen;

    /// <summary>Prepares the service.</summary>
    public LeaseService(NodeParts parts)
    {
        _parts = parts;
        _options = parts.Options.Leases;
        _table = new LeaseTable(_options, parts.Time);
        _log = new LeaseLog(parts.Options.FileSystem, parts.Options.DataDirectory, parts.Executor, _table, parts.Time);
        var context = new LeaseContext
        {
            Options = _options,
            Self = parts.Self,
            ClusterKey = parts.Options.ClusterKey,
            Store = parts.Store,
            Peers = new PartsLeasePeers(parts),
            Surplus = parts.Repair.Context.Surplus,
            Time = parts.Time,
            Log = parts.Log,
            Table = _table,
            Memory = _log,
        };
        _exchange = new LeaseExchange(context);
        _holder = new LeaseHolder(context, _exchange);
        _collector = new Collector(context, _exchange);
        _changed = new AsyncSignal(parts.Time);
    }

    /// <inheritdoc/>
    public string Name => "leases";

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls => _holder.Calls;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, long>(StringComparer.Ordinal)
                {
                    ["leases"] = _table.Leases,
                    ["log-bytes"] = _log.Length,
                    ["kept"] = _census.Kept,
                    ["ended"] = _census.Waiting + _census.Due,
                    ["due"] = _census.Due,
                    ["orphans"] = _census.Orphans,
                    ["undescribed"] = _census.Undescribed,
                    ["collected-stripes"] = _collectedStripes,
                    ["collected-blobs"] = _collectedBlobs,
                    ["collected-bytes"] = _collectedBytes,
                    ["collecting"] = _options.Collect ? 1 : 0,
                    ["halted"] = _halted ? 1 : 0,
                    ["clock-frozen"] = _frozen ? 1 : 0,
                };
            }
        }
    }

    /// <summary>The leases themselves; for tests.</summary>
    internal LeaseTable Table => _table;

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        LeaseLog.Opened opened = await _log.OpenAsync(cancellationToken);
        long now = _parts.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (opened.IsDamaged)
        {
            _parts.Log.Error(
                $"the leases in {LeaseLog.FileName} are damaged; the file is now {LeaseLog.DamagedName}, what could be read is kept, the rest comes "
                + "back from other holders");
        }

        // When each stripe was stored is written only at an end in order. After a crash, a day or more away, or with a clock that went back, the
        // safety period of everything begins anew.
        if (!opened.IsComplete || now - opened.LastUnixMs > DayMs || now < opened.LastUnixMs)
            _table.FloorUnixMs = now;
    }

    /// <inheritdoc/>
    public void Start()
    {
        _parts.Membership.Changed += MembershipChanged;
        _exchanging = ExchangePeriodicallyAsync();
        _collecting = CollectPeriodicallyAsync();
    }

    /// <inheritdoc cref="LeaseHolder.StoreAsync"/>
    public ValueTask<T> StoreAsync<T>(StripeDescriptor stripe, Func<ValueTask<T>> store, CancellationToken cancellationToken) =>
        _holder.StoreAsync(stripe, store, cancellationToken);

    /// <inheritdoc/>
    public bool IsEnded(BlobId stripeId) => _table.IsEnded(stripeId);

    /// <inheritdoc/>
    public ValueTask<bool> DismissAsync(StripeDescriptor stripe, IReadOnlyList<Member> keepers, CancellationToken cancellationToken) =>
        _holder.DismissAsync(stripe, keepers, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask GivenAsync(Member member, BlobId stripeId, CancellationToken cancellationToken)
    {
        if (member.Id == _parts.Self || _table.DigestOf(stripeId) == 0 || PlantedBugs.Has(PlantedBug.LeasesNotTold))
            return;
        try
        {
            await _exchange.GiveAsync(member, [stripeId], cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Debug($"member {member.Id.ToShortString()} did not take the leases of {stripeId}: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask TakenAsync(Member member, IReadOnlyList<BlobId> stripes, CancellationToken cancellationToken)
    {
        if (PlantedBugs.Has(PlantedBug.LeasesNotTold))
            return;
        try
        {
            await _exchange.PullAsync(member, stripes, cancellationToken);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Debug($"member {member.Id.ToShortString()} did not tell the leases of {stripes.Count} stripes: {exception.Message}");
        }
    }

    /// <summary>Compares leases with members: with all living, or with those not spoken to since they came to life.</summary>
    public async ValueTask ExchangeAsync(bool withAll, CancellationToken cancellationToken)
    {
        ClusterView view = _parts.Membership.View;
        if (PlantedBugs.Has(PlantedBug.LeasesNotTold))
            return;
        _compared.RemoveWhere(id => view.Find(id) is not { IsLiving: true });
        foreach (Member member in view.Living)
        {
            if (member.Id == _parts.Self || (!withAll && _compared.Contains(member.Id)))
                continue;
            try
            {
                int added = await _exchange.PullAllAsync(member, view, cancellationToken);
                _compared.Add(member.Id);
                if (added > 0)
                    _parts.Log.Info($"leases: {added} learned from member {member.Id.ToShortString()}");
            }
            catch (MegatorrentException exception)
            {
                _parts.Log.Debug($"leases: member {member.Id.ToShortString()} could not be compared with: {exception.Message}");
            }
        }
    }

    /// <summary>One look for what may be deleted.</summary>
    public async ValueTask<Collector.Outcome> CollectAsync(CancellationToken cancellationToken)
    {
        long now = _parts.Time.GetUtcNow().ToUnixTimeMilliseconds();
        await _log.AppendAsync(new LeaseRecord { Mark = 0, MarkUnixMs = now });
        _table.Prune(now - _options.EndedKeptMs);
        Collector.Outcome outcome = await _collector.RunAsync(cancellationToken);
        lock (_gate)
        {
            _census = outcome.Census;
            _collectedStripes += outcome.Stripes;
            _collectedBlobs += outcome.Blobs;
            _collectedBytes += outcome.Bytes;
            _halted = outcome.Halt is not null;
            _frozen = outcome.IsFrozen;
        }
        (LeaseCensus census, string? halt) = (outcome.Census, outcome.Halt);
        if (outcome.Stripes > 0 || census.Due > 0 || halt is not null)
        {
            _parts.Log.Write(
                outcome.IsFrozen ? LogLevel.Warn : LogLevel.Info,
                $"collection: {outcome.Stripes} stripes, {outcome.Blobs} blobs, {outcome.Bytes} bytes deleted; {census.Kept} kept, "
                + $"{census.Waiting} ended and waiting, {census.Due} due, {outcome.Kept} of them spared by other members, {census.Orphans} never leased"
                + (halt is null ? "" : $"; halted: {halt}"));
        }
        return outcome;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _parts.Membership.Changed -= MembershipChanged;
        await _stop.CancelAsync();
        await Task.WhenAll(_exchanging, _collecting);
        try
        {
            await _log.DisposeAsync();
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Error($"the leases were not written at the end; the next start counts as one after a crash: {exception.Message}");
        }
        _stop.Dispose();
    }

    private void MembershipChanged(ClusterView view) => _changed.Set();

    private async Task ExchangePeriodicallyAsync()
    {
        CancellationToken stop = _stop.Token;
        long last = _parts.Time.GetTimestamp();
        var period = TimeSpan.FromMilliseconds(_options.ExchangePeriodMs);
        try
        {
            while (true)
            {
                await ExchangeAsync(withAll: false, stop);
                await _changed.WaitAsync(period - _parts.Time.GetElapsedTime(last), stop);
                await Task.Delay(Settle, _parts.Time, stop);
                if (_parts.Time.GetElapsedTime(last) < period)
                    continue;
                last = _parts.Time.GetTimestamp();
                await ExchangeAsync(withAll: true, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task CollectPeriodicallyAsync()
    {
        CancellationToken stop = _stop.Token;
        var period = TimeSpan.FromMilliseconds(Math.Min(_options.CollectPeriodMs, int.MaxValue));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(period, _parts.Time, stop);
                await CollectAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (MegatorrentException exception)
            {
                _parts.Log.Error($"collection failed: {exception.Message}");
            }
        }
    }
}
