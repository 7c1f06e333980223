using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>What the layout says about one node; what it leaves open is as the node's own record has it. Immutable.</summary>
/// <param name="Id">The node.</param>
/// <param name="Mode">What it is to do.</param>
public sealed record LayoutNode(NodeId Id, NodeMode Mode)
{
    /// <summary>Its weight, 1 to <see cref="NodeRecord.MaxWeight"/>; null: the record's.</summary>
    public long? Weight { get; init; }

    /// <summary>Its failure domain, a path such as "site/rack/host"; null: the record's.</summary>
    public string? Domain { get; init; }

    /// <summary>The node whose place it takes: it is ranked for every stripe as that node would be. Null: its own place.</summary>
    public NodeId? Place { get; init; }

    /// <summary>Whether it says nothing that is not so without it.</summary>
    internal bool IsPlain => Mode == NodeMode.Active && Weight is null && Domain is null && Place is null;
}
