using System.Buffers.Binary;
using System.IO.Hashing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Checkpoints;

/// <summary>
/// Writes a checkpoint front to back, and its trailer: how many entries there are, and the checksum of everything before.
/// </summary>
internal sealed class CheckpointWriter(IFile file)
{
    private const int BufferBytes = 1 << 20;
    private readonly XxHash3 _hash = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _length;
    private long _position;

    /// <summary>Makes sure that the next <paramref name="length"/> bytes, at most 1 MiB, are taken without a write to the file.</summary>
    public void EnsureRoom(int length)
    {
        if (_length + length > BufferBytes)
            Drain();
    }

    /// <summary>Room for the next <paramref name="length"/> bytes, which the caller fills.</summary>
    public Span<byte> Next(int length)
    {
        EnsureRoom(length);
        _length += length;
        return _buffer.AsSpan(_length - length, length);
    }

    public void Finish(long blobs, long descriptors)
    {
        Span<byte> trailer = Next(CheckpointReader.TrailerLength);
        BinaryPrimitives.WriteInt64LittleEndian(trailer, blobs);
        BinaryPrimitives.WriteInt64LittleEndian(trailer[8..], descriptors);
        _hash.Append(_buffer.AsSpan(0, _length - sizeof(ulong)));
        BinaryPrimitives.WriteUInt64LittleEndian(trailer[16..], _hash.GetCurrentHashAsUInt64());
        file.Write([_buffer.AsMemory(0, _length)], _position);
        _position += _length;
        _length = 0;
    }

    private void Drain()
    {
        _hash.Append(_buffer.AsSpan(0, _length));
        file.Write([_buffer.AsMemory(0, _length)], _position);
        _position += _length;
        _length = 0;
    }
}
