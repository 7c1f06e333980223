namespace Megatorrent.Cluster.Audit;

/// <summary>How an audit was made. The numbers stand in files and answers and are frozen.</summary>
internal enum AuditKind
{
    /// <summary>A challenge that the auditor checked against its own copy.</summary>
    Copy = 1,

    /// <summary>A challenge that the auditor had prepared when it had the bytes.</summary>
    Prepared = 2,

    /// <summary>The whole blob was fetched.</summary>
    Fetch = 3,

    /// <summary>A challenge after a wrong answer, checked against bytes from elsewhere.</summary>
    Contest = 4,

    /// <summary>Not an audit: the member accused another of what was not so.</summary>
    Accusation = 5,
}
