using Megatorrent.Cluster.Coordination.Etcd;
using Megatorrent.Cluster.Services;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>A node's part in the layout: the coordinator, the questions "layout" and "layout-set", and its own drain.</summary>
internal sealed class LayoutService : INodeService
{
    private readonly NodeParts _parts;
    private readonly DrainWatch _drain;

    /// <summary>Puts it together with the coordinator that the options name.</summary>
    public LayoutService(NodeParts parts)
    {
        _parts = parts;
        var file = new NodeFile(
            parts.Options.FileSystem, parts.Options.DataDirectory, LayoutKeeper.FileName, SignedLayout.MaxEncodedLength, parts.Executor);
        var keeper = new LayoutKeeper(file, parts.Options.ClusterKey, parts.Time, parts.Log);
        Coordinator = parts.Options.Etcd is { } etcd ? new EtcdCoordinator(parts, keeper, etcd) : new EmbeddedCoordinator(parts, keeper);
        _drain = new DrainWatch(parts);
    }

    /// <summary>Where the nodes agree.</summary>
    public ICoordinator Coordinator { get; }

    /// <inheritdoc/>
    public string Name => "layout";

    /// <inheritdoc/>
    public IReadOnlyList<NodeCall> Calls =>
    [
        new(LayoutReply.GetName, Role.Reader, (_, _, _) => ValueTask.FromResult(Answer(false))),
        new(LayoutReply.SetName, Role.Admin, SetAsync),
    ];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> Numbers => new Dictionary<string, long>
    {
        ["blobs-left"] = _drain.BlobsLeft,
        ["drained"] = _drain.IsDrained ? 1 : 0,
        ["epoch"] = Coordinator.Layout?.Layout.Epoch ?? 0,
        ["mode"] = (long)_parts.Membership.Mode,
        ["present"] = Coordinator.Present.Count,
        ["reachable"] = Coordinator.IsReachable ? 1 : 0,
    };

    /// <inheritdoc/>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        await Coordinator.OpenAsync(cancellationToken);
        if (Coordinator.Layout is { } layout)
            _parts.Membership.UseLayout(layout);
        Coordinator.LayoutChanged += Apply;
    }

    /// <inheritdoc/>
    public void Start()
    {
        Coordinator.Start();
        _drain.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _drain.DisposeAsync();
        await Coordinator.DisposeAsync();
    }

    private void Apply(SignedLayout layout)
    {
        NodeMode before = _parts.Membership.Mode;
        _parts.Membership.UseLayout(layout);
        NodeMode mode = layout.Layout.Of(_parts.Self).Mode;
        if (mode != before)
        {
            _parts.Log.Write(mode == NodeMode.Active ? LogLevel.Info : LogLevel.Warn, mode switch
            {
                NodeMode.Draining => "this node drains: it takes no new blobs, and the others copy its blobs",
                NodeMode.Removed => "this node was removed from the cluster; its blobs stay on its disk",
                _ => "this node is active",
            });
        }
        _drain.Look();
    }

    private byte[] Answer(bool accepted) =>
        new LayoutReply(accepted, Coordinator.Layout, Coordinator.Kind, Coordinator.IsReachable).Encode();

    private async ValueTask<byte[]> SetAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        SignedLayout proposal = SignedLayout.Decode(body.Span);
        bool accepted = await Coordinator.TryProposeAsync(proposal, cancellationToken);
        _parts.Log.Info($"layout of epoch {proposal.Layout.Epoch} proposed by {peer}: {(accepted ? "taken" : "another was decided before")}");
        return Answer(accepted);
    }
}
