namespace Megatorrent.Network.Uring.Kernel;

/// <summary>
/// Buffers of one length that the kernel takes by itself when bytes arrive, so that a connection on which nothing happens needs none.
/// Whoever has read what is in one gives it back. Thread-safe, but for <see cref="Span"/> by its nature.
/// </summary>
/// <remarks>
/// <code>
/// ring (struct io_uring_buf, 16 bytes each):  [address 8 | length 4 | number 2 | tail of the ring, in the first entry alone 2]
/// </code>
/// </remarks>
internal sealed unsafe class ProvidedBuffers
{
    /// <summary>Bytes in one: what a connection receives of small messages at once.</summary>
    public const int BufferLength = 4 * 1024;

    /// <summary>Buffers of one ring, a power of two. Where they do not suffice, connections go without: 1 MiB is enough for most.</summary>
    public const int Count = 256;

    /// <summary>The group that the buffers form in their ring.</summary>
    public const ushort Group = 0;

    private const int EntryLength = 16;
    private const int LengthOffset = 8;
    private const int NumberOffset = 12;
    private const int TailOffset = 14;
    private const int RegisterBuffers = 22; // IORING_REGISTER_PBUF_RING
    private const int NumberShift = 16; // IORING_CQE_BUFFER_SHIFT
    private const uint HasBuffer = 1; // IORING_CQE_F_BUFFER

    private readonly Lock _gate = new();
    private readonly byte* _ring;
    private readonly byte* _bytes;
    private ushort _tail;

    private ProvidedBuffers(MappedMemory ring, MappedMemory bytes)
    {
        _ring = ring.Start;
        _bytes = bytes.Start;
        for (int i = 0; i < Count; i++)
            Return(i);
    }

    /// <summary>Makes the buffers of a ring, which has them for as long as the process lives; null where it cannot.</summary>
    public static ProvidedBuffers? TryCreate(Ring ring)
    {
        MappedMemory? entries = MappedMemory.TryCreate(Count * EntryLength);
        MappedMemory? bytes = MappedMemory.TryCreate((nuint)Count * BufferLength);
        if (entries is not null && bytes is not null && Register(ring, entries.Start))
            return new ProvidedBuffers(entries, bytes);
        entries?.Dispose();
        bytes?.Dispose();
        return null;
    }

    /// <summary>Whether a completion brings a buffer, and its number.</summary>
    public static bool IsIn(uint flags, out int number)
    {
        number = (int)(flags >> NumberShift);
        return (flags & HasBuffer) != 0;
    }

    /// <summary>What is in a buffer, for whoever has it.</summary>
    public ReadOnlySpan<byte> Span(int number, int offset, int length) => new(_bytes + number * BufferLength + offset, length);

    /// <summary>Gives a buffer back to the kernel.</summary>
    public void Return(int number)
    {
        lock (_gate)
        {
            byte* entry = _ring + (_tail & (Count - 1)) * EntryLength;
            *(ulong*)entry = (ulong)(_bytes + number * BufferLength);
            *(uint*)(entry + LengthOffset) = BufferLength;
            *(ushort*)(entry + NumberOffset) = (ushort)number;
            Volatile.Write(ref *(ushort*)(_ring + TailOffset), ++_tail);
        }
    }

    // struct io_uring_buf_reg, 40 bytes: address of the ring, its entries, the group.
    private static bool Register(Ring ring, byte* entries)
    {
        ulong* registration = stackalloc ulong[5];
        new Span<ulong>(registration, 5).Clear();
        registration[0] = (ulong)entries;
        registration[1] = Count | (ulong)Group << 32;
        return LibC.SystemCall(LibC.IoUringRegister, ring.Descriptor, RegisterBuffers, (nint)registration, 1, 0, 0) >= 0;
    }
}
