namespace Megatorrent.Cluster;

/// <summary>
/// How fast a node repairs, to be changed while it runs, within the limits of its options: for what watches the load. Thread-safe.
/// </summary>
public interface IRepairThrottle
{
    /// <summary>
    /// Bytes a second that repair fetches and stores, 0 for no limit. What is set is brought within <see cref="LeastBytesPerSecond"/> and
    /// <see cref="MostBytesPerSecond"/>; it takes effect within a second, on what waits already too.
    /// </summary>
    long BytesPerSecond { get; set; }

    /// <summary>The least that can be set: repair must come to an end.</summary>
    long LeastBytesPerSecond { get; }

    /// <summary>The most that can be set; 0 for no bound.</summary>
    long MostBytesPerSecond { get; }
}
