using System.Buffers.Binary;
using System.IO.Hashing;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Checkpoints;

/// <summary>Reads a checkpoint front to back. What it gives is to be believed only once <see cref="IsGood"/> has said so.</summary>
internal sealed class CheckpointReader
{
    public const int TrailerLength = 24;
    private const int BufferBytes = 1 << 20;
    private readonly IFile _file;
    private readonly long _end;
    private readonly ulong _sum;
    private readonly XxHash3 _hash = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _length;
    private long _position;

    public CheckpointReader(IFile file)
    {
        _file = file;
        long length = file.Length;
        _end = length - sizeof(ulong);
        Span<byte> trailer = stackalloc byte[TrailerLength];
        if (length < CheckpointHeader.Length + TrailerLength || file.Read(trailer, length - TrailerLength) < TrailerLength)
            return;
        BlobCount = BinaryPrimitives.ReadInt64LittleEndian(trailer);
        DescriptorCount = BinaryPrimitives.ReadInt64LittleEndian(trailer[8..]);
        _sum = BinaryPrimitives.ReadUInt64LittleEndian(trailer[16..]);
    }

    public long BlobCount { get; } = -1;

    public long DescriptorCount { get; } = -1;

    /// <summary>Whether the counts agree with the length of the file.</summary>
    public bool IsWhole(int segments) =>
        BlobCount is >= 0 and <= int.MaxValue && DescriptorCount is >= 0 and <= int.MaxValue
        && _end + sizeof(ulong) == CheckpointHeader.Length + ((long)segments * CheckpointSegment.RowLength)
            + ((BlobCount + DescriptorCount) * CheckpointEntry.RowLength) + TrailerLength;

    /// <summary>The next <paramref name="length"/> bytes, valid until the next call; empty at the end.</summary>
    public ReadOnlySpan<byte> Next(int length)
    {
        if (_length - _start < length && !Fill(length))
            return [];
        _start += length;
        return _buffer.AsSpan(_start - length, length);
    }

    /// <summary>Reads what is left, and says whether the checksum is right.</summary>
    public bool IsGood()
    {
        _start = _length;
        while (Fill(1))
            _start = _length;
        return _position == _end && _hash.GetCurrentHashAsUInt64() == _sum;
    }

    private bool Fill(int length)
    {
        int rest = _length - _start;
        _buffer.AsSpan(_start, rest).CopyTo(_buffer);
        int want = (int)Math.Min(BufferBytes - rest, _end - _position);
        int count = want <= 0 ? 0 : _file.Read(_buffer.AsSpan(rest, want), _position);
        _hash.Append(_buffer.AsSpan(rest, count));
        _position += count;
        _start = 0;
        _length = rest + count;
        return _length >= length;
    }
}
