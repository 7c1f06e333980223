namespace Megatorrent.Network.Memory;

/// <summary>How the links of a <see cref="MemoryTransport"/> behave.</summary>
public sealed record MemoryTransportOptions
{
    /// <summary>The clock of <see cref="LatencyMs"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Milliseconds that bytes travel, each way. Default 0.</summary>
    public int LatencyMs { get; init; }

    /// <summary>Bytes that a direction holds before its writer waits for the reader, like socket buffers. Default 256 KiB.</summary>
    public int CapacityBytes { get; init; } = 256 * 1024;

    /// <summary>The most bytes that one read returns, to break the stream into pieces. Default: all that is there.</summary>
    public int MaxReadBytes { get; init; } = int.MaxValue;
}
