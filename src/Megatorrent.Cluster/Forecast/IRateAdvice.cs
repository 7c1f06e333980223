namespace Megatorrent.Cluster.Forecast;

/// <summary>How fast the work in the background should go now, by the load that is forecast. Thread-safe, and quick.</summary>
internal interface IRateAdvice
{
    /// <summary>Bytes a second for a scrub, above 0; null: as configured.</summary>
    long? ScrubBytesPerSecond { get; }

    /// <summary>Bytes a second for repair where nothing is endangered, above 0; null: as configured.</summary>
    long? RepairBytesPerSecond { get; }
}
