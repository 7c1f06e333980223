namespace Megatorrent.Simulation.Faults;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>A process is killed; its machine stays.</summary>
    Kill,

    /// <summary>A machine loses power: what was not flushed is partly lost, connections fall silent.</summary>
    PowerLoss,

    /// <summary>A machine loses power at its n-th change to the disk from now.</summary>
    CrashAtWrite,

    /// <summary>All machines lose power at once.</summary>
    MassPowerLoss,

    /// <summary>All processes are killed, one after the other.</summary>
    RollingRestart,

    /// <summary>Every machine of a failure domain is without power for a while.</summary>
    SiteOutage,

    /// <summary>Every machine of a failure domain loses its disk.</summary>
    SiteLoss,

    /// <summary>A machine loses its disk and comes back with an empty one.</summary>
    DiskLoss,

    /// <summary>A machine is gone for good; a new one takes its place.</summary>
    Replace,

    /// <summary>Bits on a disk flip.</summary>
    Rot,

    /// <summary>A segment file is cut short or gone after a restart.</summary>
    LosePart,

    /// <summary>Some machines cannot reach the others, nor be reached.</summary>
    Partition,

    /// <summary>Some machines cannot reach the others, but can be reached.</summary>
    HalfPartition,

    /// <summary>One way between two machines is slow.</summary>
    SlowLink,

    /// <summary>Packets are lost everywhere.</summary>
    Loss,

    /// <summary>All connections of a machine are reset.</summary>
    Reset,

    /// <summary>What one side of an old connection sent is sent again, by an attacker.</summary>
    Replay,

    /// <summary>A disk is slow.</summary>
    SlowDisk,

    /// <summary>A disk is full.</summary>
    FullDisk,

    /// <summary>Some changes to a disk fail.</summary>
    DiskErrors,

    /// <summary>A date jumps.</summary>
    ClockJump,

    /// <summary>A process stands still.</summary>
    Stall,

    /// <summary>A node lies.</summary>
    Liar,

    /// <summary>A machine joins.</summary>
    Join,

    /// <summary>Blobs are deleted from a node behind its back, and its store is compacted.</summary>
    Compact,
}
