namespace Megatorrent.Core.Wire.Messages;

/// <summary>Says that a store is durable. Body: u8, 1 = newly stored, 2 = it was there already.</summary>
/// <param name="IsNew">Whether the blob was not there before.</param>
public readonly record struct StoredMessage(bool IsNew)
{
    /// <summary>Bytes of an encoded body.</summary>
    public const int EncodedLength = 1;

    private const byte New = 1;
    private const byte Present = 2;

    /// <summary>Writes the body and returns its length, 1.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="destination"/> is empty.</exception>
    public int Encode(Span<byte> destination)
    {
        destination[0] = IsNew ? New : Present;
        return EncodedLength;
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.Malformed"/>: not one byte, or neither 1 nor 2.</exception>
    public static StoredMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Stored, body);
        byte outcome = reader.Byte();
        reader.End();
        return outcome is New or Present ? new StoredMessage(outcome == New) : throw reader.Malformed($"has outcome {outcome}");
    }
}
