namespace Megatorrent.Cluster.Coordination;

/// <summary>What the layout has a node do. The numbers are on the wire and on disk, and frozen by a test.</summary>
public enum NodeMode : byte
{
    /// <summary>It takes blobs; what a node is that the layout says nothing about.</summary>
    Active = 1,

    /// <summary>It takes no new blobs, its blobs are copied to others, and it is read from until then.</summary>
    Draining = 2,

    /// <summary>It is no member any more: nobody asks it, and it may store and fetch nothing.</summary>
    Removed = 3,
}
