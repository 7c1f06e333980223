namespace Megatorrent.Cluster;

/// <summary>The questions that every node answers itself; services add theirs. See <see cref="NodeQuestion"/>.</summary>
public static class StatusQuery
{
    /// <summary>What the members query is called.</summary>
    public const string MembersName = "members";

    /// <summary>What the query about the node itself is called.</summary>
    public const string NodeName = "node";

    /// <summary>What the request for a repair cycle is called.</summary>
    public const string RepairNowName = "repair-now";

    /// <summary>Asks for the members; the reply is a <see cref="ClusterView"/>.</summary>
    public static ReadOnlyMemory<byte> Members { get; } = new NodeQuestion(MembersName, default).Encode();

    /// <summary>Asks a node about itself; the reply is a <see cref="NodeStatus"/>.</summary>
    public static ReadOnlyMemory<byte> Node { get; } = new NodeQuestion(NodeName, default).Encode();

    /// <summary>Starts a repair cycle that ignores the grace time (writers and up); the reply is empty and comes at once.</summary>
    public static ReadOnlyMemory<byte> RepairNow { get; } = new NodeQuestion(RepairNowName, default).Encode();
}
