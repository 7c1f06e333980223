using System.Buffers.Binary;
using Megatorrent.Core.Hashing;
using Megatorrent.Storage.Index;

namespace Megatorrent.Storage.Checkpoints;

/// <summary>One entry of the index in a checkpoint.</summary>
internal static class CheckpointEntry
{
    public const int RowLength = 44;

    public static void Write(Span<byte> destination, in BlobId id, RecordLocation location)
    {
        id.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[32..], location.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[36..], location.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(destination[40..], location.Length);
    }

    public static RecordLocation Read(ReadOnlySpan<byte> source, out BlobId id)
    {
        id = new BlobId(source[..BlobId.Length]);
        return new RecordLocation(
            BinaryPrimitives.ReadUInt32LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[36..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[40..]));
    }
}
