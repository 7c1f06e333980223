namespace Megatorrent.Core.Erasure;

/// <summary>Bytes that stay where they are while they are worked on; what follows the last acts as zeros.</summary>
internal unsafe struct Shard
{
    /// <summary>The first byte; null only when there are none.</summary>
    public byte* Data;

    /// <summary>Bytes.</summary>
    public nuint Length;
}
