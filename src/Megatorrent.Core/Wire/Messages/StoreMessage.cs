using System.Buffers.Binary;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// Asks the peer to keep a blob and its stripe's descriptor. Body: 32 bytes id, u32 blob length, u16 descriptor length, u8 flags
/// (1 = descriptor only), u8 zero, descriptor. The blob follows in data frames flagged <see cref="FrameFlags.Upload"/> once the peer has
/// said <see cref="MessageType.Proceed"/>; a store of a descriptor only is complete in itself.
/// </summary>
/// <param name="Id">The blob, or with a descriptor only what the descriptor belongs to.</param>
/// <param name="BlobLength">Bytes of blob that will follow; 0 means that only the descriptor is to be kept.</param>
/// <param name="Descriptor">The stripe's descriptor; may be empty when there is a blob.</param>
public readonly record struct StoreMessage(BlobId Id, int BlobLength, ReadOnlyMemory<byte> Descriptor)
{
    /// <summary>Bytes of the longest body.</summary>
    public const int MaxEncodedLength = FixedLength + MessageLimits.MaxDescriptorLength;

    internal const int FixedLength = BlobId.Length + 8;
    private const byte DescriptorOnly = 1;

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedLength => FixedLength + Descriptor.Length;

    /// <summary>Writes the body and returns its length.</summary>
    /// <exception cref="ArgumentException">
    /// The blob or descriptor is longer than its limit, both are empty, or <paramref name="destination"/> is too short.
    /// </exception>
    public int Encode(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(BlobLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BlobLength, MessageLimits.MaxBlobLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Descriptor.Length, MessageLimits.MaxDescriptorLength, nameof(Descriptor));
        if (BlobLength == 0 && Descriptor.IsEmpty)
            throw new ArgumentException("A store needs a blob or a descriptor.");
        Id.CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], (uint)BlobLength);
        BinaryPrimitives.WriteUInt16BigEndian(destination[36..], (ushort)Descriptor.Length);
        destination[38] = BlobLength == 0 ? DescriptorOnly : (byte)0;
        destination[39] = 0;
        Descriptor.Span.CopyTo(destination[FixedLength..]);
        return EncodedLength;
    }

    /// <summary>Reads a body; the descriptor is copied.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: a length out of bounds or belied by the body's, an unknown flag, or neither blob nor descriptor.
    /// </exception>
    public static StoreMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Store, body);
        var id = new BlobId(reader.Take(BlobId.Length));
        uint blobLength = reader.UInt32();
        int descriptorLength = reader.UInt16();
        byte flags = reader.Byte();
        byte reserved = reader.Byte();
        if (blobLength > MessageLimits.MaxBlobLength)
            throw reader.Malformed($"announces a blob of {blobLength} bytes; the limit is {MessageLimits.MaxBlobLength}");
        if (descriptorLength > MessageLimits.MaxDescriptorLength)
            throw reader.Malformed($"has a descriptor of {descriptorLength} bytes; the limit is {MessageLimits.MaxDescriptorLength}");
        if (reserved != 0 || flags != (blobLength == 0 ? DescriptorOnly : 0))
            throw reader.Malformed($"has flags 0x{flags:x2} with a blob of {blobLength} bytes");
        if (blobLength == 0 && descriptorLength == 0)
            throw reader.Malformed("has neither a blob nor a descriptor");
        ReadOnlySpan<byte> descriptor = reader.Take(descriptorLength);
        reader.End();
        return new StoreMessage(id, (int)blobLength, descriptor.ToArray());
    }
}
