using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>Asks which of some blobs the peer has. Body: u16 count, 32 bytes an id. Answered by <see cref="HaveMessage"/>.</summary>
/// <param name="Ids">1 to <see cref="MessageLimits.MaxWantIds"/> ids.</param>
public readonly record struct WantMessage(ReadOnlyMemory<BlobId> Ids)
{
    /// <summary>Bytes of the longest body.</summary>
    public const int MaxEncodedLength = 2 + MessageLimits.MaxWantIds * BlobId.Length;

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedLength => IdList.EncodedLength(Ids.Length);

    /// <summary>Writes the body and returns its length.</summary>
    /// <exception cref="ArgumentException">Too few or too many ids, or <paramref name="destination"/> is too short.</exception>
    public int Encode(Span<byte> destination) => IdList.Encode(Ids.Span, MessageLimits.MaxWantIds, destination);

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: a count out of bounds, or one that the length belies.
    /// </exception>
    public static WantMessage Decode(ReadOnlySpan<byte> body) => new(IdList.Decode(MessageType.Want, body, MessageLimits.MaxWantIds));
}
