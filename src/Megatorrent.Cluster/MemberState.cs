namespace Megatorrent.Cluster;

/// <summary>What the cluster believes about a member. The numbers are on the wire and on disk, and frozen by a test.</summary>
public enum MemberState : byte
{
    /// <summary>It answers.</summary>
    Alive = 1,

    /// <summary>It did not answer, neither directly nor through others; it has some seconds to refute. Still counted as living.</summary>
    Suspect = 2,

    /// <summary>It did not refute in time. It is not asked for blobs and gets none; it keeps its place among the failure domains.</summary>
    Dead = 3,
}
