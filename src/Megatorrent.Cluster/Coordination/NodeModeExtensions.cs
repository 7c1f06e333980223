namespace Megatorrent.Cluster.Coordination;

/// <summary>Words for modes of nodes.</summary>
public static class NodeModeExtensions
{
    /// <summary>"active", "draining" or "removed".</summary>
    public static string ToText(this NodeMode mode) => mode switch
    {
        NodeMode.Active => "active",
        NodeMode.Draining => "draining",
        NodeMode.Removed => "removed",
        _ => "unknown",
    };
}
