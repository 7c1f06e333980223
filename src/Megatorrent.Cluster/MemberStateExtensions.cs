namespace Megatorrent.Cluster;

/// <summary>Words for member states.</summary>
public static class MemberStateExtensions
{
    /// <summary>"alive", "suspect" or "dead", for logs and status output.</summary>
    public static string ToText(this MemberState state) => state switch
    {
        MemberState.Alive => "alive",
        MemberState.Suspect => "suspect",
        MemberState.Dead => "dead",
        _ => "unknown",
    };
}
