using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>Tells a peer that a blob it should hold is missing or damaged. Body: 32 bytes id, u8 kind. Answered by a pong.</summary>
/// <param name="Id">The blob.</param>
/// <param name="Kind">What is wrong with it.</param>
public readonly record struct NoticeMessage(BlobId Id, NoticeKind Kind)
{
    /// <summary>Bytes of an encoded body.</summary>
    public const int EncodedLength = BlobId.Length + 1;

    /// <summary>Writes the body and returns its length, 33.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public int Encode(Span<byte> destination)
    {
        Id.CopyTo(destination);
        destination[BlobId.Length] = (byte)Kind;
        return EncodedLength;
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Malformed"/>: not 33 bytes, or an unknown kind.</exception>
    public static NoticeMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Notice, body);
        var id = new BlobId(reader.Take(BlobId.Length));
        var kind = (NoticeKind)reader.Byte();
        reader.End();
        return kind is NoticeKind.Missing or NoticeKind.Corrupt
            ? new NoticeMessage(id, kind)
            : throw reader.Malformed($"has kind {(byte)kind}");
    }
}
