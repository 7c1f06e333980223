using System.Buffers.Binary;

namespace Megatorrent.Storage.Checkpoints;

/// <summary>The front of a checkpoint (layout: docs/spec/store.md).</summary>
/// <param name="Salt">The store's.</param>
/// <param name="NextSegment">The number that the next new segment gets.</param>
/// <param name="Position">The segment up to whose listed length the index is complete; 0 = there was none.</param>
/// <param name="SegmentCount">Rows of the table of segments that follows.</param>
internal readonly record struct CheckpointHeader(ulong Salt, uint NextSegment, uint Position, int SegmentCount)
{
    public const int Length = 40;
    public const ushort Version = 1;

    private static ReadOnlySpan<byte> Magic => "MTCHKPNT"u8;

    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], NextSegment);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], Position);
        BinaryPrimitives.WriteInt32LittleEndian(destination[32..], SegmentCount);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out CheckpointHeader header)
    {
        header = default;
        if (source.Length < Length || !source[..8].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt16LittleEndian(source[8..]) != Version)
            return false;
        header = new CheckpointHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[32..]));
        return header.SegmentCount >= 0;
    }
}
