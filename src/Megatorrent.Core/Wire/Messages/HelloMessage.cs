using System.Buffers.Binary;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// The first frame each way after the handshake. Body: u16 lowest and u16 highest protocol version that the sender speaks, u32 features,
/// u32 most requests under way that it answers, u32 longest blob in bytes, u32 idle timeout in milliseconds. A reader ignores what follows.
/// </summary>
/// <param name="MinVersion">Lowest protocol version spoken.</param>
/// <param name="MaxVersion">Highest protocol version spoken.</param>
/// <param name="Features">Bits for optional features; version 1 defines none, so unknown bits are ignored.</param>
/// <param name="MaxRequestsUnderWay">Bulk requests that the sender answers at once; the receiver must not have more under way.</param>
/// <param name="MaxBlobLength">The longest blob that the sender takes, in bytes.</param>
/// <param name="IdleTimeoutMs">The sender closes a session on which it has heard nothing for this long, in milliseconds.</param>
public readonly record struct HelloMessage(
    ushort MinVersion, ushort MaxVersion, uint Features, uint MaxRequestsUnderWay, uint MaxBlobLength, uint IdleTimeoutMs)
{
    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public const int EncodedLength = 20;

    /// <summary>The one protocol version of this build.</summary>
    public const ushort Version = 1;

    /// <summary>Writes the body and returns its length, 20.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is too short.</exception>
    public int Encode(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, MinVersion);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], MaxVersion);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Features);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], MaxRequestsUnderWay);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], MaxBlobLength);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], IdleTimeoutMs);
        return EncodedLength;
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: shorter than 20 bytes, versions out of order, or a limit of zero.
    /// </exception>
    public static HelloMessage Decode(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(MessageType.Hello, body);
        var hello = new HelloMessage(reader.UInt16(), reader.UInt16(), reader.UInt32(), reader.UInt32(), reader.UInt32(), reader.UInt32());
        if (hello.MinVersion > hello.MaxVersion)
            throw reader.Malformed($"speaks versions {hello.MinVersion} to {hello.MaxVersion}");
        if (hello.MaxRequestsUnderWay == 0 || hello.IdleTimeoutMs == 0)
            throw reader.Malformed("sets a limit of zero");
        return hello;
    }

    /// <summary>The highest version that both sides speak.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Unsupported"/>: there is none; the text says which side is older.
    /// </exception>
    public static ushort Negotiate(in HelloMessage ours, in HelloMessage theirs)
    {
        ushort version = Math.Min(ours.MaxVersion, theirs.MaxVersion);
        if (version < ours.MinVersion || version < theirs.MinVersion)
        {
            string older = theirs.MaxVersion < ours.MinVersion ? "the peer" : "this program";
            throw new MegatorrentException(ErrorKind.Unsupported,
                $"The peer speaks protocol versions {theirs.MinVersion} to {theirs.MaxVersion}, this program {ours.MinVersion} to "
                + $"{ours.MaxVersion}: update {older}.");
        }
        return version;
    }
}
