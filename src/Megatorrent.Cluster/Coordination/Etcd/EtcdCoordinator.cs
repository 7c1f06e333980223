using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination.Etcd;

/// <summary>
/// Coordination by etcd: the layout in one key with compare-and-swap, the memberships and the repair leases in keys that end with a node's
/// lease, watched. Without etcd nothing changes and everything else goes on. docs/spec/layout.md, "etcd".
/// </summary>
internal sealed class EtcdCoordinator : ICoordinator
{
    private const int MembersMax = 4096; // entries read under "members/": four times what a cluster has
    private const int GoodbyeMs = 1000;  // how long giving the lease back may take at the end; it runs out by itself otherwise

    private readonly NodeParts _parts;
    private readonly LayoutKeeper _keeper;
    private readonly EtcdOptions _options;
    private readonly EtcdClient _client;
    private readonly string _prefix;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<NodeId> _present = [];
    private Task _loop = Task.CompletedTask;
    private bool _connected;
    private bool _lossLogged;
    private long _lease;

    /// <summary>Puts it together.</summary>
    public EtcdCoordinator(NodeParts parts, LayoutKeeper keeper, EtcdOptions options)
    {
        _parts = parts;
        _keeper = keeper;
        _options = options;
        _client = new EtcdClient(options, parts.Time, parts.Random);
        _prefix = $"{options.KeyPrefix}/{Convert.ToHexStringLower(parts.Options.ClusterKey.AsSpan(0, 16))}/";
    }

    /// <inheritdoc/>
    public event Action<SignedLayout>? LayoutChanged
    {
        add => _keeper.Changed += value;
        remove => _keeper.Changed -= value;
    }

    /// <inheritdoc/>
    public string Kind => "etcd";

    /// <inheritdoc/>
    public SignedLayout? Layout => _keeper.Current;

    /// <inheritdoc/>
    public bool IsReachable
    {
        get
        {
            lock (_gate)
                return _connected;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<NodeId> Present
    {
        get
        {
            lock (_gate)
                return [.. _present];
        }
    }

    private string LayoutKey => _prefix + "layout";

    private string MembersPrefix => _prefix + "members/";

    /// <inheritdoc/>
    public ValueTask OpenAsync(CancellationToken cancellationToken) => _keeper.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public void Start() => _loop = RunAsync();

    /// <inheritdoc/>
    public async ValueTask<bool> TryProposeAsync(SignedLayout proposal, CancellationToken cancellationToken)
    {
        proposal.Validate(_parts.Options.ClusterKey, _parts.Time.GetUtcNow());
        try
        {
            EtcdEntry? entry = await _client.GetAsync(LayoutKey, cancellationToken);
            if (entry is not null)
                await AdoptAsync(entry, cancellationToken);
            if (!proposal.Follows(_keeper.Current))
                return false;
            (bool done, EtcdEntry? found) = await _client.PutIfAsync(
                LayoutKey, proposal.Encoded, entry?.ModRevision ?? 0, 0, cancellationToken);
            if (done)
                await _keeper.AdoptAsync(proposal, cancellationToken);
            else if (found is not null)
                await AdoptAsync(found, cancellationToken);
            return done;
        }
        catch (MegatorrentException exception) when (exception.Kind == ErrorKind.Unreachable)
        {
            throw new MegatorrentException(
                ErrorKind.Unreachable,
                $"{exception.Message} The layout cannot be changed until etcd answers; reading and writing go on.", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryLeaseRepairAsync(RepairRange range, CancellationToken cancellationToken)
    {
        byte[] self = System.Text.Encoding.ASCII.GetBytes(_parts.Self.ToString());
        (bool done, _) = await _client.PutIfAsync(RepairKey(range), self, 0, RequireLease(), cancellationToken);
        return done;
    }

    /// <inheritdoc/>
    public async ValueTask EndRepairLeaseAsync(RepairRange range, CancellationToken cancellationToken)
    {
        EtcdEntry? entry = await _client.GetAsync(RepairKey(range), cancellationToken);
        if (entry is not null && System.Text.Encoding.ASCII.GetString(entry.Value) == _parts.Self.ToString())
            await _client.DeleteIfAsync(entry.Key, entry.ModRevision, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        await _loop;
        long lease;
        lock (_gate)
            lease = _connected ? _lease : 0;
        if (lease != 0)
        {
            using var limit = new Deadline(GoodbyeMs, _parts.Time, CancellationToken.None);
            try
            {
                await _client.RevokeAsync(lease, limit.Token);
            }
            catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException)
            {
                // It runs out.
            }
        }
        _client.Dispose();
        _stop.Dispose();
    }

    private string RepairKey(RepairRange range) => $"{_prefix}repair/{range}";

    private long RequireLease()
    {
        lock (_gate)
        {
            return _connected ? _lease : throw new MegatorrentException(
                ErrorKind.Unreachable, "etcd does not answer now, so there is no lease to repair under.");
        }
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await AttendAsync(stop, () => failures = 0);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Lose(exception); // whatever it was: the layout must not stand still for good
            }
            try
            {
                double pause = Math.Min(_options.BackOffMs * Math.Pow(2, Math.Min(failures++, 16)), _options.BackOffMaxMs);
                await Task.Delay(TimeSpan.FromMilliseconds(pause * (0.75 + 0.5 * _parts.Random.NextDouble())), _parts.Time, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Lose(Exception exception)
    {
        bool log;
        lock (_gate)
        {
            _connected = false;
            log = !_lossLogged;
            _lossLogged = true;
        }
        string text = $"etcd: {exception.Message} The layout stays as it is until etcd answers";
        if (log)
            _parts.Log.Warn(text);
        else
            _parts.Log.Debug(text);
    }

    // From the first answer to the first failure. What is tried again at once is only what held for one renewal of the lease: an etcd that
    // answers but lets nobody watch is not to be asked without a pause.
    private async ValueTask AttendAsync(CancellationToken stop, Action held)
    {
        await SynchronizeLayoutAsync(stop);
        long lease = await RenewOrGrantAsync(stop);
        NodeRecord record = _parts.Membership.SelfRecord;
        await _client.PutAsync(MembersPrefix + _parts.Self, record.Encoded, lease, stop);
        (List<EtcdEntry> members, long revision) = await _client.ListAsync(MembersPrefix, MembersMax, stop);
        lock (_gate)
        {
            _present.Clear();
            _connected = true;
            _lossLogged = false;
        }
        foreach (EtcdEntry member in members)
            SeeMember(member);
        await SynchronizeLayoutAsync(stop); // whatever was decided between the two reads
        _parts.Log.Info($"etcd answers: {members.Count} members there, layout of epoch {_keeper.Current?.Layout.Epoch ?? 0}");

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] both = [WatchAsync(revision + 1, either.Token), KeepAsync(lease, record, held, either.Token)];
        await Task.WhenAny(both);
        either.Cancel();
        await Task.WhenAll(both); // throws what ended the first: a failure goes before a cancellation
    }

    // The lease of before a short loss, so that the repair leases under it are kept.
    private async ValueTask<long> RenewOrGrantAsync(CancellationToken stop)
    {
        long lease;
        lock (_gate)
            lease = _lease;
        if (lease != 0 && await _client.KeepAliveAsync(lease, stop))
            return lease;
        lease = await _client.GrantAsync(_options.LeaseSeconds, stop);
        lock (_gate)
            _lease = lease;
        return lease;
    }

    // The newer of etcd's and this node's: an etcd that was restored from a backup, or is new, is brought up to date by whoever knows more.
    private async ValueTask SynchronizeLayoutAsync(CancellationToken stop)
    {
        EtcdEntry? entry = await _client.GetAsync(LayoutKey, stop);
        SignedLayout? theirs = entry is null ? null : await AdoptAsync(entry, stop);
        if (_keeper.Current is { } ours && ours.Supersedes(theirs))
        {
            _parts.Log.Warn($"etcd has a layout of epoch {theirs?.Layout.Epoch ?? 0}; giving it the one of epoch {ours.Layout.Epoch}");
            await _client.PutIfAsync(LayoutKey, ours.Encoded, entry?.ModRevision ?? 0, 0, stop);
        }
    }

    private async ValueTask<SignedLayout?> AdoptAsync(EtcdEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            SignedLayout layout = SignedLayout.Decode(entry.Value);
            await _keeper.AdoptAsync(layout, cancellationToken);
            return layout;
        }
        catch (MegatorrentException exception) when (exception.Kind is ErrorKind.Malformed or ErrorKind.Unauthorized)
        {
            _parts.Log.Error($"the layout in etcd at revision {entry.ModRevision} is not taken: {exception.Message}");
            return null;
        }
    }

    private async Task WatchAsync(long revision, CancellationToken cancellationToken)
    {
        await foreach (EtcdEntry happened in _client.WatchAsync(_prefix, revision, cancellationToken))
        {
            if (happened.Key == LayoutKey && !happened.IsDeleted)
                await AdoptAsync(happened, cancellationToken);
            else if (happened.Key.StartsWith(MembersPrefix, StringComparison.Ordinal))
                SeeMember(happened);
        }
    }

    private async Task KeepAsync(long lease, NodeRecord told, Action held, CancellationToken cancellationToken)
    {
        var period = TimeSpan.FromSeconds(_options.LeaseSeconds / 3.0);
        while (true)
        {
            await Task.Delay(period, _parts.Time, cancellationToken);
            if (!await _client.KeepAliveAsync(lease, cancellationToken))
                throw new MegatorrentException(ErrorKind.Unreachable, "The lease ran out.");
            held();
            NodeRecord now = _parts.Membership.SelfRecord;
            if (!ReferenceEquals(now, told))
            {
                await _client.PutAsync(MembersPrefix + _parts.Self, now.Encoded, lease, cancellationToken);
                told = now;
            }
            await SynchronizeLayoutAsync(cancellationToken); // a watch at a member that hangs tells nothing
        }
    }

    // A record is signed by its node and certified by the cluster; the machine checks both before it believes it.
    private void SeeMember(EtcdEntry entry)
    {
        if (!NodeId.TryParse(entry.Key.AsSpan(MembersPrefix.Length), out NodeId id))
            return;
        lock (_gate)
        {
            if (entry.IsDeleted)
                _present.Remove(id);
            else if (_present.Count < MembersMax)
                _present.Add(id);
        }
        if (entry.IsDeleted)
            return;
        try
        {
            NodeRecord record = NodeRecord.Decode(entry.Value);
            if (record.Id == id)
                _parts.Membership.Introduce(record);
        }
        catch (MegatorrentException exception)
        {
            _parts.Log.Warn($"the record of {id.ToShortString()} in etcd is not taken: {exception.Message}");
        }
    }
}
