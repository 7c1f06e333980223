namespace Megatorrent.Cluster;

/// <summary>How much an event matters.</summary>
public enum LogLevel : byte
{
    /// <summary>For developers.</summary>
    Debug = 0,

    /// <summary>Life as it should be.</summary>
    Info = 1,

    /// <summary>Something failed that the node makes up for by itself.</summary>
    Warn = 2,

    /// <summary>Something failed that a person should look at.</summary>
    Error = 3,
}
