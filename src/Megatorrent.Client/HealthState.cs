namespace Megatorrent.Client;

/// <summary>What the evidence says of a stripe, or of a whole object: the worst of its stripes. The later, the worse.</summary>
public enum HealthState
{
    /// <summary>Every blob (or copy) has evidence younger than the bound.</summary>
    Healthy = 1,

    /// <summary>Every blob is claimed by somebody, but of some there is no evidence younger than the bound.</summary>
    Unknown = 2,

    /// <summary>Nobody reachable holds some of the blobs; enough are left to read it.</summary>
    Degraded = 3,

    /// <summary>Fewer blobs are held by reachable nodes than it takes to read it.</summary>
    Unreadable = 4,
}
