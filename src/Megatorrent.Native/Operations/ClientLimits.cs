namespace Megatorrent.Native.Operations;

/// <summary>Limits of a client; 0 is the default.</summary>
/// <param name="RequestTimeoutMs">How long one request may make no progress, in milliseconds.</param>
/// <param name="MemoryBytesMax">Bytes of stripes under way, in each direction.</param>
internal readonly record struct ClientLimits(int RequestTimeoutMs, long MemoryBytesMax);
