using Megatorrent.Core;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>
/// Where the nodes of a cluster agree: on the layout, on who is there, and on who repairs what. Losing it stops changes of the layout and
/// nothing else: each node keeps the last layout in its folder, and SWIM says who lives. Thread-safe.
/// </summary>
internal interface ICoordinator : IAsyncDisposable
{
    /// <summary>Raised after each new layout, in the order of their epochs. Handlers must be quick and must not throw.</summary>
    event Action<SignedLayout>? LayoutChanged;

    /// <summary>"embedded" or "etcd".</summary>
    string Kind { get; }

    /// <summary>The last layout known, validated and kept on disk; null before anything was decided.</summary>
    SignedLayout? Layout { get; }

    /// <summary>Whether layouts can be changed now, as far as known.</summary>
    bool IsReachable { get; }

    /// <summary>The nodes whose lease on their membership has not run out, this one included once it has one.</summary>
    IReadOnlyCollection<NodeId> Present { get; }

    /// <summary>Reads what was remembered. Never waits for others.</summary>
    ValueTask OpenAsync(CancellationToken cancellationToken);

    /// <summary>Starts to take the lease, to keep it, and to watch.</summary>
    void Start();

    /// <summary>Puts a layout in place of the one that it follows: compare and swap.</summary>
    /// <param name="proposal">The layout, signed by an admin.</param>
    /// <param name="cancellationToken">Gives up; whether it took effect is not known then.</param>
    /// <returns>Whether it is the layout now; false when another was decided meanwhile, which <see cref="Layout"/> is then.</returns>
    /// <exception cref="MegatorrentException">
    /// Unauthorized: the signature does not hold. Unreachable: the coordinator does not answer. InputOutput: it cannot be kept on disk.
    /// </exception>
    ValueTask<bool> TryProposeAsync(SignedLayout proposal, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the right to repair the stripes of a range, unless another node has it. It ends with <see cref="EndRepairLeaseAsync"/>, or
    /// with the node's lease on its membership.
    /// </summary>
    /// <param name="range">The range.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether this node has it now.</returns>
    /// <exception cref="MegatorrentException">Unreachable: the coordinator does not answer.</exception>
    ValueTask<bool> TryLeaseRepairAsync(RepairRange range, CancellationToken cancellationToken);

    /// <summary>Gives the right back. Nothing happens when this node does not have it.</summary>
    /// <exception cref="MegatorrentException">Unreachable: the coordinator does not answer; the lease then ends by itself.</exception>
    ValueTask EndRepairLeaseAsync(RepairRange range, CancellationToken cancellationToken);
}
