namespace Megatorrent.Native.Operations;

/// <summary>Memory of the caller that a call uses until it has completed.</summary>
internal sealed unsafe class NativeBuffer(byte* start, nuint length)
{
    /// <summary>The most that <see cref="From"/> shows at once: what fits a span, in a round number.</summary>
    private const int PieceLengthMax = 1 << 30;

    /// <summary>Bytes.</summary>
    public nuint Length => length;

    /// <summary>The bytes from an offset on; the first GiB of them where there are more.</summary>
    public Memory<byte> From(nuint offset) => new PointerMemory().Show(start + offset, (int)Math.Min(length - offset, PieceLengthMax));

    /// <summary>All bytes as a stream.</summary>
    public Stream OpenRead() => length == 0 ? Stream.Null : new UnmanagedMemoryStream(start, (long)length);
}
