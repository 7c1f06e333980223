using System.Buffers.Binary;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// Asks for a range of a blob. Body: 32 bytes id, u64 offset, u32 length. Answered by data frames that add up to the length.
/// </summary>
/// <param name="Id">The blob.</param>
/// <param name="Offset">First byte wanted.</param>
/// <param name="Length">Bytes wanted, at most <see cref="MessageLimits.MaxBlobLength"/>; 0 asks only whether it can be read.</param>
public readonly record struct GetMessage(BlobId Id, long Offset, int Length)
{
    /// <summary>Bytes of an encoded body.</summary>
    public const int EncodedLength = BlobId.Length + 12;

    /// <summary>Writes the body and returns its length, 44.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int Encode(Span<byte> destination)
    {
        Id.CopyTo(destination);
        BinaryPrimitives.WriteUInt64BigEndian(destination[32..], (ulong)Offset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[40..], (uint)Length);
        return EncodedLength;
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: not 44 bytes, or a range that no blob of <see cref="MessageLimits.MaxBlobLength"/> bytes has.
    /// </exception>
    public static GetMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Get, body);
        var id = new BlobId(reader.Take(BlobId.Length));
        ulong offset = reader.UInt64();
        uint length = reader.UInt32();
        reader.End();
        if (offset > MessageLimits.MaxBlobLength || length > MessageLimits.MaxBlobLength - offset)
            throw reader.Malformed($"asks for {length} bytes at offset {offset}; no blob is longer than {MessageLimits.MaxBlobLength}");
        return new GetMessage(id, (long)offset, (int)length);
    }
}
