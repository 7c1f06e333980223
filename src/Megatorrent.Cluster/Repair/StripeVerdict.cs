namespace Megatorrent.Cluster.Repair;

/// <summary>How a stripe stands.</summary>
internal enum StripeVerdict
{
    /// <summary>Every blob is on a living member, or under replication every copy.</summary>
    Healthy,

    /// <summary>Something is missing and can be restored now.</summary>
    Endangered,

    /// <summary>
    /// Something is missing and must wait: for a member within its grace time, or for a member with room in another domain.
    /// </summary>
    Waiting,

    /// <summary>Fewer blobs than it takes are on living members, and those that may come back would not make up for it.</summary>
    Unrecoverable,
}
