using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>The list that want and find share: u16 count (at least 1), then 32 bytes an id.</summary>
internal static class IdList
{
    public static int EncodedLength(int count) => 2 + count * BlobId.Length;

    public static int Encode(ReadOnlySpan<BlobId> ids, int limit, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(ids.Length, nameof(ids));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Length, limit, nameof(ids));
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)ids.Length);
        MemoryMarshal.AsBytes(ids).CopyTo(destination[2..]);
        return EncodedLength(ids.Length);
    }

    public static BlobId[] Decode(MessageType type, ReadOnlySpan<byte> body, int limit)
    {
        var reader = new MessageReader(type, body);
        int count = reader.UInt16();
        if (count == 0 || count > limit)
            throw reader.Malformed($"lists {count} ids; it may list 1 to {limit}");
        ReadOnlySpan<byte> bytes = reader.Take(count * BlobId.Length);
        reader.End();
        var ids = new BlobId[count];
        bytes.CopyTo(MemoryMarshal.AsBytes(ids.AsSpan()));
        return ids;
    }
}
