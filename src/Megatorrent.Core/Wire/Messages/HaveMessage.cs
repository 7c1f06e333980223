using System.Buffers.Binary;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// The answer to a want. Body: u16 count, then one bit an id in the order asked, most significant bit first, the unused bits of the last
/// byte zero.
/// </summary>
/// <param name="Present">One flag an id: whether the peer has it.</param>
public readonly record struct HaveMessage(bool[] Present)
{
    /// <summary>Bytes of the longest body.</summary>
    public const int MaxEncodedLength = 2 + MessageLimits.MaxWantIds / 8;

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedLength => 2 + (Present.Length + 7) / 8;

    /// <summary>Writes the body and returns its length.</summary>
    /// <exception cref="ArgumentException">
    /// More flags than <see cref="MessageLimits.MaxWantIds"/>, or <paramref name="destination"/> is too short.
    /// </exception>
    public int Encode(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Present.Length, MessageLimits.MaxWantIds, nameof(Present));
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)Present.Length);
        Span<byte> bits = destination.Slice(2, (Present.Length + 7) / 8);
        bits.Clear();
        for (int i = 0; i < Present.Length; i++)
        {
            if (Present[i])
                bits[i >> 3] |= (byte)(0x80 >> (i & 7));
        }
        return EncodedLength;
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: a count out of bounds, one that the length belies, or an unused bit that is set.
    /// </exception>
    public static HaveMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Have, body);
        int count = reader.UInt16();
        if (count > MessageLimits.MaxWantIds)
            throw reader.Malformed($"answers for {count} ids; the limit is {MessageLimits.MaxWantIds}");
        ReadOnlySpan<byte> bits = reader.Take((count + 7) / 8);
        reader.End();
        if ((count & 7) != 0 && (bits[^1] & (0xff >> (count & 7))) != 0)
            throw reader.Malformed("sets bits past its last id");
        var present = new bool[count];
        for (int i = 0; i < count; i++)
            present[i] = (bits[i >> 3] & (0x80 >> (i & 7))) != 0;
        return new HaveMessage(present);
    }
}
