namespace Megatorrent.Network.Uring.Kernel;

/// <summary>Memory from <c>mmap</c>: it does not move, and none of it takes up a page before it is touched.</summary>
internal sealed unsafe class MappedMemory : IDisposable
{
    private const int ProtectReadWrite = 3;
    private const int MapShared = 1;
    private const int MapPrivateAnonymous = 0x22;
    private const nint Failed = -1;

    private readonly nuint _length;

    private MappedMemory(nint start, nuint length)
    {
        Start = (byte*)start;
        _length = length;
    }

    /// <summary>The first byte, at the beginning of a page.</summary>
    public byte* Start { get; }

    /// <summary>Memory of our own, all zeros; null where there is none.</summary>
    public static MappedMemory? TryCreate(nuint length) => Of(LibC.Map(0, length, ProtectReadWrite, MapPrivateAnonymous, -1, 0), length);

    /// <summary>Memory that the kernel shares through a descriptor; null where it does not.</summary>
    public static MappedMemory? TryShare(int descriptor, nuint length, nint offset) =>
        Of(LibC.Map(0, length, ProtectReadWrite, MapShared, descriptor, offset), length);

    /// <summary>Gives it back. Nobody may touch it any more, the kernel included.</summary>
    public void Dispose() => _ = LibC.Unmap((nint)Start, _length);

    private static MappedMemory? Of(nint start, nuint length) => start == Failed ? null : new MappedMemory(start, length);
}
