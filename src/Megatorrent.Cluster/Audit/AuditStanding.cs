namespace Megatorrent.Cluster.Audit;

/// <summary>What this node makes of a member's audits.</summary>
internal enum AuditStanding
{
    /// <summary>Nothing against it.</summary>
    Good,

    /// <summary>It does not answer, or answered wrongly without a proof: it gets no new blobs, nothing is deleted or rebuilt.</summary>
    Suspended,

    /// <summary>It was proved to lie: it gets no blobs, and those that it has count as missing.</summary>
    Expelled,
}
