using System.Buffers.Binary;
using System.IO.Hashing;

namespace Megatorrent.Storage.Records;

/// <summary>
/// The front of a segment file (layout: docs/spec/store.md). It says where the segment before it ends, which was durable up to there
/// before this one was made: whatever follows in that file was never acknowledged.
/// </summary>
internal readonly record struct SegmentHeader(uint Number, uint PreviousNumber, long PreviousLength, ulong Salt)
{
    public const int Length = 64;
    public const ushort Version = 1;
    private const int ChecksumOffset = 56;

    private static ReadOnlySpan<byte> Magic => "MTSEGMNT"u8;

    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], PreviousNumber);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], PreviousLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], Salt);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[ChecksumOffset..], XxHash3.HashToUInt64(destination[..ChecksumOffset]));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Length || !source[..8].SequenceEqual(Magic) || BinaryPrimitives.ReadUInt16LittleEndian(source[8..]) != Version)
            return false;
        if (BinaryPrimitives.ReadUInt64LittleEndian(source[ChecksumOffset..]) != XxHash3.HashToUInt64(source[..ChecksumOffset]))
            return false;
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
        return header.PreviousLength >= 0;
    }
}
