namespace Megatorrent.Core.Testing;

/// <summary>Defects that the simulator must be able to find; each stands behind <see cref="PlantedBugs.Has"/> at the place it is about.</summary>
public enum PlantedBug
{
    /// <summary>None: the code as it is meant.</summary>
    None = 0,

    /// <summary>The store acknowledges before the flush.</summary>
    AcknowledgeBeforeFlush,

    /// <summary>The name of a new segment is not made durable.</summary>
    SegmentNameNotSynced,

    /// <summary>Recovery believes the payload of the last records, which may be torn.</summary>
    TornTailAccepted,

    /// <summary>Recovery believes a checkpoint that does not fit the segments.</summary>
    CheckpointNotMatched,

    /// <summary>A compaction deletes a segment some of whose live records it has not moved.</summary>
    CompactionDropsLive,

    /// <summary>A scrub counts damage and leaves the blob in the index.</summary>
    ScrubKeepsDamaged,

    /// <summary>A client does not compare a fetched blob with its id.</summary>
    FetchNotVerified,

    /// <summary>A put is acknowledged with k blobs instead of k+⌈m/2⌉.</summary>
    AcknowledgeAtK,

    /// <summary>A repair, and the store that takes its result, do not compare a blob with its id.</summary>
    RepairNotVerified,

    /// <summary>A repair counts the places of dead members as filled, however long they are dead.</summary>
    DeadCountedHealthy,

    /// <summary>A grace time, once begun, does not end.</summary>
    GraceNeverEnds,

    /// <summary>A repair that could not do its work is not tried again before the period.</summary>
    RetryNeverHappens,

    /// <summary>The members of one failure domain may hold any number of blobs of a stripe.</summary>
    QuotaIgnored,

    /// <summary>The descriptor that comes with a blob is not kept.</summary>
    DescriptorNotStored,

    /// <summary>A member does not refute that it is suspected, or dead.</summary>
    NeverRefuted,

    /// <summary>A dead member's newer record is kept, its state is not.</summary>
    ReturnNotTakenIn,

    /// <summary>The member file, as any small file of a node, is renamed into its place before it is flushed.</summary>
    MemberFileNotFlushed,

    /// <summary>A deleted blob is alive again after a restart that reads the segments: its tombstone is not heeded.</summary>
    TombstoneNotHeeded,

    /// <summary>The collection asks no other member whether it knows a living lease.</summary>
    CollectionAsksNobody,

    /// <summary>A keep is answered before the lease is durable.</summary>
    LeaseNotFlushed,

    /// <summary>A node that is given a blob or a descriptor is not told, and does not ask for, the leases of the stripe.</summary>
    LeasesNotTold,
}
