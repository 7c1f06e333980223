namespace Megatorrent.Cluster.Audit;

/// <summary>How an audit ended. The numbers stand in files and answers and are frozen.</summary>
internal enum AuditOutcome
{
    /// <summary>The bytes, or the proof, were right.</summary>
    Ok = 1,

    /// <summary>No answer in time, or one that says nothing: busy, an error. Suspends when it lasts.</summary>
    Unknown = 2,

    /// <summary>The member says that it does not have the blob, or found it damaged. It lost a blob; it did not lie.</summary>
    Missing = 3,

    /// <summary>Wrong bytes, or a proof that the blob contradicts, or a claim to hold what it cannot give.</summary>
    Wrong = 4,
}
