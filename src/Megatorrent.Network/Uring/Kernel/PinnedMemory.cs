using System.Buffers;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>Addresses in memory that does not move.</summary>
internal static unsafe class PinnedMemory
{
    /// <summary>The address of a byte of it; it holds until the handle is disposed.</summary>
    public static ulong At(this in MemoryHandle pinned, int offset) => (ulong)((byte*)pinned.Pointer + offset);
}
