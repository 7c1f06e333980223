using System.Buffers;

namespace Megatorrent.Native;

/// <summary>
/// Shows memory of the caller as <see cref="Memory{T}"/>, for as long as one call lasts. The inner houses never keep what they are
/// passed, so nothing outlives the call.
/// </summary>
internal sealed unsafe class PointerMemory : MemoryManager<byte>
{
    private byte* _pointer;
    private int _length;

    /// <summary>Points it at <paramref name="length"/> bytes.</summary>
    public Memory<byte> Show(byte* pointer, int length)
    {
        _pointer = pointer;
        _length = length;
        return Memory;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_pointer, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_pointer + elementIndex); // native memory does not move

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Show(null, 0);
}
