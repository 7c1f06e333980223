using System.Buffers.Binary;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// The answer to a find. Body: u16 count, then for each stripe in the order asked u16 descriptor length (0 = not held) and the descriptor.
/// </summary>
/// <param name="Descriptors">One a stripe; null where the peer holds none.</param>
public readonly record struct FoundMessage(byte[]?[] Descriptors)
{
    /// <summary>Bytes of the longest body.</summary>
    public const int MaxEncodedLength = 2 + MessageLimits.MaxFindIds * (2 + MessageLimits.MaxDescriptorLength);

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedLength
    {
        get
        {
            int length = 2;
            foreach (byte[]? descriptor in Descriptors)
                length += 2 + (descriptor?.Length ?? 0);
            return length;
        }
    }

    /// <summary>Writes the body and returns its length.</summary>
    /// <exception cref="ArgumentException">
    /// Too many descriptors, one that is empty or longer than <see cref="MessageLimits.MaxDescriptorLength"/>, or
    /// <paramref name="destination"/> is too short.
    /// </exception>
    public int Encode(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Descriptors.Length, MessageLimits.MaxFindIds, nameof(Descriptors));
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)Descriptors.Length);
        int position = 2;
        foreach (byte[]? descriptor in Descriptors)
        {
            int length = descriptor?.Length ?? 0;
            if (descriptor is not null && length is 0 or > MessageLimits.MaxDescriptorLength)
                throw new ArgumentException($"A descriptor of {length} bytes; it may have 1 to {MessageLimits.MaxDescriptorLength}.");
            BinaryPrimitives.WriteUInt16BigEndian(destination[position..], (ushort)length);
            descriptor?.CopyTo(destination[(position + 2)..]);
            position += 2 + length;
        }
        return position;
    }

    /// <summary>Reads a body; the descriptors are copied.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: a count or length out of bounds, or belied by the body's.
    /// </exception>
    public static FoundMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Found, body);
        int count = reader.UInt16();
        if (count > MessageLimits.MaxFindIds)
            throw reader.Malformed($"answers for {count} stripes; the limit is {MessageLimits.MaxFindIds}");
        var descriptors = new byte[]?[count];
        for (int i = 0; i < count; i++)
        {
            int length = reader.UInt16();
            if (length > MessageLimits.MaxDescriptorLength)
                throw reader.Malformed($"has a descriptor of {length} bytes; the limit is {MessageLimits.MaxDescriptorLength}");
            if (length > 0)
                descriptors[i] = reader.Take(length).ToArray();
        }
        reader.End();
        return new FoundMessage(descriptors);
    }
}
