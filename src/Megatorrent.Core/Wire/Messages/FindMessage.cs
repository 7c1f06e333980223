using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>Asks for the descriptors of some stripes. Body: u16 count, 32 bytes an id. Answered by <see cref="FoundMessage"/>.</summary>
/// <param name="StripeIds">1 to <see cref="MessageLimits.MaxFindIds"/> stripe ids.</param>
public readonly record struct FindMessage(ReadOnlyMemory<BlobId> StripeIds)
{
    /// <summary>Bytes of the longest body.</summary>
    public const int MaxEncodedLength = 2 + MessageLimits.MaxFindIds * BlobId.Length;

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public int EncodedLength => IdList.EncodedLength(StripeIds.Length);

    /// <summary>Writes the body and returns its length.</summary>
    /// <exception cref="ArgumentException">Too few or too many ids, or <paramref name="destination"/> is too short.</exception>
    public int Encode(Span<byte> destination) => IdList.Encode(StripeIds.Span, MessageLimits.MaxFindIds, destination);

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: a count out of bounds, or one that the length belies.
    /// </exception>
    public static FindMessage Decode(ReadOnlySpan<byte> body) => new(IdList.Decode(MessageType.Find, body, MessageLimits.MaxFindIds));
}
