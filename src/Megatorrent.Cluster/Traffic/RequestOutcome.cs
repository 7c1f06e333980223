namespace Megatorrent.Cluster.Traffic;

/// <summary>How a request ended.</summary>
internal enum RequestOutcome
{
    /// <summary>It was answered.</summary>
    Answered,

    /// <summary>What it was for is not here.</summary>
    NotFound,

    /// <summary>It brought bytes that are not what they should be.</summary>
    BadData,

    /// <summary>It was refused for what it asked: no right to it, out of range, malformed.</summary>
    Refused,

    /// <summary>This node failed, or the peer gave up: says nothing.</summary>
    Other,
}
