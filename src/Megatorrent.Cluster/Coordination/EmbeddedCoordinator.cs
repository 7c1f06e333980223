using Megatorrent.Cluster.Services;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// Coordination by the nodes themselves: SWIM says who is there; a node that an admin gives a layout compares and swaps its own, gossip
/// carries the epoch to the others, and who has an older one asks for it. Two layouts of one epoch, decided on two sides of a partition,
/// end as the one with the greater hash on all. docs/spec/layout.md, "Embedded coordinator".
/// </summary>
internal sealed class EmbeddedCoordinator : ICoordinator, ILayoutGossip
{
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMinutes(1); // a layout that is ahead of this clock becomes good

    private readonly NodeParts _parts;
    private readonly LayoutKeeper _keeper;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, (LayoutHead Head, DateTimeOffset Time)> _refused = []; // by who told: another may tell better
    private Task _fetch = Task.CompletedTask;

    /// <summary>Puts it together.</summary>
    public EmbeddedCoordinator(NodeParts parts, LayoutKeeper keeper)
    {
        _parts = parts;
        _keeper = keeper;
    }

    /// <inheritdoc/>
    public event Action<SignedLayout>? LayoutChanged
    {
        add => _keeper.Changed += value;
        remove => _keeper.Changed -= value;
    }

    /// <inheritdoc/>
    public string Kind => "embedded";

    /// <inheritdoc/>
    public SignedLayout? Layout => _keeper.Current;

    /// <inheritdoc/>
    public bool IsReachable => true;

    /// <inheritdoc/>
    public IReadOnlyCollection<NodeId> Present => [.. _parts.Membership.View.Living.Select(static member => member.Id)];

    /// <inheritdoc/>
    public LayoutHead Head => LayoutHead.Of(_keeper.Current);

    /// <inheritdoc/>
    public ValueTask OpenAsync(CancellationToken cancellationToken) => _keeper.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public void Start() => _parts.Membership.LayoutGossip = this;

    /// <inheritdoc/>
    public ValueTask<bool> TryProposeAsync(SignedLayout proposal, CancellationToken cancellationToken) =>
        _keeper.AdoptNextAsync(proposal, cancellationToken);

    // No lease without a quorum: among those who see the same members the first by rank has the right, and two who see different ones may
    // both have it, which costs a copy and no more.
    /// <inheritdoc/>
    public ValueTask<bool> TryLeaseRepairAsync(RepairRange range, CancellationToken cancellationToken)
    {
        BlobId key = BlobId.Of([.. "repair range "u8, range.First]);
        IReadOnlyList<Member> ranked = Placement.Rank(key, _parts.Membership.View.Living);
        return ValueTask.FromResult(ranked.Count > 0 && ranked[0].Id == _parts.Self);
    }

    /// <inheritdoc/>
    public ValueTask EndRepairLeaseAsync(RepairRange range, CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public void Heard(NodeId peer, LayoutHead head)
    {
        lock (_gate)
        {
            if (!head.Supersedes(Head) || IsRefused(peer, head) || !_fetch.IsCompleted || _stop.IsCancellationRequested)
                return;
            _fetch = FetchAsync(peer, head);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task fetch;
        _stop.Cancel();
        lock (_gate)
            fetch = _fetch;
        await fetch;
        _stop.Dispose();
    }

    private bool IsRefused(NodeId peer, LayoutHead head) => _refused.TryGetValue(peer, out (LayoutHead Head, DateTimeOffset Time) refused)
        && refused.Head == head && _parts.Time.GetUtcNow() - refused.Time < RefusalPause;

    private async Task FetchAsync(NodeId peer, LayoutHead head)
    {
        await Task.Yield(); // the caller holds locks
        try
        {
            if (_parts.Membership.EndpointOf(peer) is not { } endpoint)
                return;
            byte[] answer = await _parts.AskAsync(endpoint, peer, LayoutReply.GetName, default, _stop.Token);
            if (LayoutReply.Decode(answer).Current is { } layout)
                await _keeper.AdoptAsync(layout, _stop.Token);
            lock (_gate)
                _refused.Remove(peer);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (MegatorrentException exception)
        {
            if (exception.Kind is ErrorKind.Unauthorized or ErrorKind.Malformed)
            {
                lock (_gate)
                    _refused[peer] = (head, _parts.Time.GetUtcNow()); // a newer one is looked at at once
            }
            _parts.Log.Warn($"layout of epoch {head.Epoch} from {peer.ToShortString()} not taken: {exception.Message}");
        }
    }
}
