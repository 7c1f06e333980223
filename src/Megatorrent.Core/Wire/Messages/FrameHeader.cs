using System.Buffers.Binary;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// The 12 bytes before every message body, big-endian:
/// <code>
/// 0       4      5       6          8               12
/// | length | type | flags | reserved | request number | body ...
/// </code>
/// Length counts what follows it (8 + body). The request number is the requester's; 0 stands for the session itself.
/// </summary>
/// <param name="Type">What the body is.</param>
/// <param name="Flags">Only on data frames.</param>
/// <param name="RequestNumber">The number that the requester gave its request; 0 on hello and on an error that ends the session.</param>
/// <param name="BodyLength">Bytes of body.</param>
public readonly record struct FrameHeader(MessageType Type, FrameFlags Flags, uint RequestNumber, int BodyLength)
{
    /// <summary>Bytes of an encoded header.</summary>
    public const int Length = 12;

    private const int AfterLengthField = 8;

    /// <summary>Writes the header to the first 12 bytes of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 12 bytes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The body is longer than its type allows: a defect of the caller.</exception>
    public void Write(Span<byte> destination)
    {
        if (destination.Length < Length)
            throw new ArgumentException($"A frame header takes {Length} bytes, not {destination.Length}.", nameof(destination));
        ArgumentOutOfRangeException.ThrowIfNegative(BodyLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BodyLength, MessageLimits.MaxBodyLength(Type));
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(AfterLengthField + BodyLength));
        destination[4] = (byte)Type;
        destination[5] = (byte)Flags;
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], RequestNumber);
    }

    /// <summary>
    /// Reads and checks a header from the first 12 bytes of <paramref name="source"/>, before anything is allocated for its body.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="source"/> is shorter than 12 bytes.</exception>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.ProtocolViolation"/>: the length is out of bounds for any frame or for this type, the type is unknown, a flag
    /// or reserved bit is set that must not be, or the request number is 0 where a request is needed (or the reverse).
    /// </exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < Length)
            throw new ArgumentException($"A frame header takes {Length} bytes, not {source.Length}.", nameof(source));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(source);
        if (length > MessageLimits.MaxFrameLength)
            throw Violation($"a frame that claims {length} bytes; the limit is {MessageLimits.MaxFrameLength}");
        if (length < AfterLengthField)
            throw Violation($"a frame that claims {length} bytes; its header alone takes {AfterLengthField}");
        var type = (MessageType)source[4];
        var flags = (FrameFlags)source[5];
        int bodyLength = (int)length - AfterLengthField;
        int limit = MessageLimits.MaxBodyLength(type);
        if (limit < 0)
            throw Violation($"a frame of unknown type {source[4]}");
        if (bodyLength > limit)
            throw Violation($"a {type} frame with {bodyLength} bytes of body; the limit is {limit}");
        FrameFlags allowed = type == MessageType.Data ? FrameFlags.Last | FrameFlags.Upload : FrameFlags.None;
        if ((flags & ~allowed) != 0)
            throw Violation($"a {type} frame with flags 0x{source[5]:x2}");
        if (BinaryPrimitives.ReadUInt16BigEndian(source[6..]) != 0)
            throw Violation($"a {type} frame whose reserved bytes are not zero");
        uint number = BinaryPrimitives.ReadUInt32BigEndian(source[8..]);
        if (type == MessageType.Hello ? number != 0 : number == 0 && type != MessageType.Error)
            throw Violation($"a {type} frame with request number {number}");
        return new FrameHeader(type, flags, number, bodyLength);
    }

    private static MegatorrentException Violation(string what) => new(ErrorKind.ProtocolViolation, $"The peer sent {what}.");
}
