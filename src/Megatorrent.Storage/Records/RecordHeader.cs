using System.Buffers.Binary;
using System.IO.Hashing;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Storage.Records;

/// <summary>
/// The fixed front of every record (layout: docs/spec/store.md). The header's checksum is seeded with the store's secret salt and with
/// the place of the record, so that bytes inside a blob, which a stranger chose, can never pass for a record when a scan resynchronises.
/// </summary>
internal readonly record struct RecordHeader
{
    public const int Length = 96;
    public const uint Magic = 0x3152544D; // "MTR1", little-endian
    public const byte Version = 1;
    private const int ChecksumOffset = 88;

    public required RecordKind Kind { get; init; }
    public RecordFlags Flags { get; init; }
    public required int PayloadLength { get; init; }

    /// <summary>Of a tombstone: the number of the segment it was first written to; what it kills lies there or before. Else 0.</summary>
    public uint Origin { get; init; }

    public required BlobId Id { get; init; }
    public BlobId Stripe { get; init; }
    public ulong PayloadChecksum { get; init; }

    /// <summary>Bytes of the whole record.</summary>
    public long RecordLength => Length + (long)PayloadLength;

    public bool IsPut => Kind is RecordKind.Blob or RecordKind.Descriptor;

    public bool IsTombstone => Kind is RecordKind.BlobTombstone or RecordKind.DescriptorTombstone;

    public static ulong Checksum(ReadOnlySpan<byte> payload) => XxHash3.HashToUInt64(payload);

    public void Write(Span<byte> destination, ulong salt, uint segment, long offset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        destination[4] = Version;
        destination[5] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], (ushort)Flags);
        BinaryPrimitives.WriteInt32LittleEndian(destination[8..], PayloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Origin);
        Id.CopyTo(destination[16..]);
        Stripe.CopyTo(destination[48..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[80..], PayloadChecksum);
        ulong sum = XxHash3.HashToUInt64(destination[..ChecksumOffset], Seed(salt, segment, offset));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[ChecksumOffset..], sum);
    }

    /// <summary>False if the bytes are not a header that this store wrote at this very place.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ulong salt, uint segment, long offset, out RecordHeader header)
    {
        header = default;
        if (source.Length < Length || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic || source[4] != Version)
            return false;
        ulong sum = BinaryPrimitives.ReadUInt64LittleEndian(source[ChecksumOffset..]);
        if (sum != XxHash3.HashToUInt64(source[..ChecksumOffset], Seed(salt, segment, offset)))
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        if (length < 0)
            return false;
        header = new RecordHeader
        {
            Kind = (RecordKind)source[5],
            Flags = (RecordFlags)BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            PayloadLength = length,
            Origin = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            Id = new BlobId(source.Slice(16, BlobId.Length)),
            Stripe = new BlobId(source.Slice(48, BlobId.Length)),
            PayloadChecksum = BinaryPrimitives.ReadUInt64LittleEndian(source[80..]),
        };
        return true;
    }

    private static long Seed(ulong salt, uint segment, long offset) =>
        unchecked((long)(salt ^ ((((ulong)segment << 32) | (uint)offset) * 0x9E3779B97F4A7C15)));
}
