using System.Buffers.Binary;

namespace Megatorrent.Storage.Checkpoints;

/// <summary>What a checkpoint says of one segment.</summary>
internal readonly record struct CheckpointSegment(uint Number, int PutRecords, int Tombstones, long Length)
{
    public const int RowLength = 24;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Number);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], PutRecords);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], Tombstones);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Length);
    }

    public static CheckpointSegment Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[16..]));
}
