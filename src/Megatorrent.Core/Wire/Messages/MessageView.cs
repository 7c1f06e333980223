using System.Buffers.Binary;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// A message of any type as one set of members, in place: nothing is copied. For who passes messages on; who answers them takes the
/// struct of each type (<see cref="GetMessage"/> and the others). Which members count depends on the type; the others are 0 and empty:
/// <code>
/// Hello                        MinVersion, MaxVersion, Features, MaxRequestsUnderWay, MaxBlobLength, IdleTimeoutMs
/// Ping, Pong, Cancel, Proceed  none
/// Get                          Id, Offset, Length
/// Data                         Bytes; Flags
/// Want, Find                   Items: Count ids of 32 bytes
/// Have                         Items: a bit for each of Count ids, most significant first
/// Store                        Id, Length (of the blob), Bytes (the descriptor)
/// Stored                       Code: 1 stored now, 2 it was there
/// Found                        Items: Count descriptors, each behind two bytes of length, big-endian
/// Error                        Code (an <see cref="ErrorKind"/>), Bytes (a text in UTF-8)
/// Notice                       Id, Code (a <see cref="NoticeKind"/>)
/// the opaque types             Bytes
/// </code>
/// </summary>
public readonly ref struct MessageView
{
    private const byte DescriptorOnly = 1;

    /// <summary>What it is.</summary>
    public MessageType Type { get; init; }

    /// <summary>Only of data.</summary>
    public FrameFlags Flags { get; init; }

    /// <summary>The number that the requester gave its request; 0 of hello, and of the error that ends a session.</summary>
    public uint RequestNumber { get; init; }

    /// <summary>A blob.</summary>
    public BlobId Id { get; init; }

    /// <summary>First byte wanted.</summary>
    public ulong Offset { get; init; }

    /// <summary>Bytes wanted, or of the blob.</summary>
    public uint Length { get; init; }

    /// <summary>An outcome or kind.</summary>
    public uint Code { get; init; }

    /// <summary>How many things <see cref="Items"/> is about.</summary>
    public uint Count { get; init; }

    /// <summary>Lowest protocol version spoken.</summary>
    public uint MinVersion { get; init; }

    /// <summary>Highest protocol version spoken.</summary>
    public uint MaxVersion { get; init; }

    /// <summary>Bits for optional features.</summary>
    public uint Features { get; init; }

    /// <summary>Requests that the sender answers at once.</summary>
    public uint MaxRequestsUnderWay { get; init; }

    /// <summary>The longest blob that the sender takes, in bytes.</summary>
    public uint MaxBlobLength { get; init; }

    /// <summary>How long the sender waits on a silent session, in milliseconds.</summary>
    public uint IdleTimeoutMs { get; init; }

    /// <summary>Bytes of a blob, a descriptor, a text, or something opaque.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>Ids, bits or descriptors end to end.</summary>
    public ReadOnlySpan<byte> Items { get; init; }

    /// <summary>Bytes of the whole frame that <see cref="Encode"/> writes, if the message can be encoded at all.</summary>
    public int FrameLength => FrameHeader.Length + BodyLength;

    private int BodyLength => Type switch
    {
        MessageType.Hello => HelloMessage.EncodedLength,
        MessageType.Get => GetMessage.EncodedLength,
        MessageType.Want or MessageType.Find or MessageType.Have or MessageType.Found => 2 + Items.Length,
        MessageType.Store => StoreMessage.FixedLength + Bytes.Length,
        MessageType.Stored => StoredMessage.EncodedLength,
        MessageType.Error => 4 + Bytes.Length,
        MessageType.Notice => NoticeMessage.EncodedLength,
        _ => Bytes.Length,
    };

    /// <summary>Checks that the message has what its type has, within the limits, and nothing else.</summary>
    /// <exception cref="MegatorrentException">InvalidArgument: it has not; the text says what is wrong.</exception>
    public void Validate()
    {
        if (FaultOfHeader() is { } fault || (fault = FaultOfMembers()) is not null)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"A message of type {Type} {fault}.");
    }

    /// <summary>Writes the message as one frame.</summary>
    /// <param name="destination">At least <see cref="FrameLength"/> bytes; must not overlap the spans.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="MegatorrentException">InvalidArgument: see <see cref="Validate"/>.</exception>
    public int Encode(Span<byte> destination)
    {
        Validate();
        new FrameHeader(Type, Flags, RequestNumber, BodyLength).Write(destination);
        Span<byte> body = destination.Slice(FrameHeader.Length, BodyLength);
        switch (Type)
        {
            case MessageType.Hello:
                new HelloMessage(
                    (ushort)MinVersion, (ushort)MaxVersion, Features, MaxRequestsUnderWay, MaxBlobLength, IdleTimeoutMs).Encode(body);
                break;
            case MessageType.Get:
                new GetMessage(Id, (long)Offset, (int)Length).Encode(body);
                break;
            case MessageType.Want or MessageType.Find or MessageType.Have or MessageType.Found:
                BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)Count);
                Items.CopyTo(body[2..]);
                break;
            case MessageType.Store:
                new StoreMessage(Id, (int)Length, Bytes.ToArray()).Encode(body);
                break;
            case MessageType.Stored:
                body[0] = (byte)Code;
                break;
            case MessageType.Error:
                BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)Code);
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)Bytes.Length);
                Bytes.CopyTo(body[4..]);
                break;
            case MessageType.Notice:
                new NoticeMessage(Id, (NoticeKind)Code).Encode(body);
                break;
            default:
                Bytes.CopyTo(body);
                break;
        }

        return FrameLength;
    }

    /// <summary>Reads the frame at the start of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes of a session; others may follow the frame.</param>
    /// <param name="message">
    /// The message, its spans in <paramref name="source"/>. An error code that this build does not know becomes Internal; the text of an
    /// error is as it was sent, which may be anything.
    /// </param>
    /// <param name="frameLength">Bytes of the frame; those of a header while it is not whole.</param>
    /// <returns>False: more bytes are needed.</returns>
    /// <exception cref="MegatorrentException">ProtocolViolation: the header breaks the protocol. Malformed: the body does.</exception>
    public static bool TryDecode(ReadOnlySpan<byte> source, out MessageView message, out int frameLength)
    {
        message = default;
        frameLength = FrameHeader.Length;
        if (source.Length < FrameHeader.Length)
            return false;
        FrameHeader header = FrameHeader.Read(source);
        frameLength += header.BodyLength;
        if (source.Length < frameLength)
            return false;
        message = Decode(header, source[FrameHeader.Length..frameLength]);
        return true;
    }

    private static MessageView Decode(FrameHeader header, ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(header.Type, body);
        var common = new MessageView { Type = header.Type, Flags = header.Flags, RequestNumber = header.RequestNumber };
        MessageView message;
        switch (header.Type)
        {
            case MessageType.Hello:
                // What follows comes from a later version, and is ignored.
                message = common with
                {
                    MinVersion = reader.UInt16(),
                    MaxVersion = reader.UInt16(),
                    Features = reader.UInt32(),
                    MaxRequestsUnderWay = reader.UInt32(),
                    MaxBlobLength = reader.UInt32(),
                    IdleTimeoutMs = reader.UInt32(),
                };
                reader.Take(reader.Left);
                break;
            case MessageType.Get:
                message = common with { Id = new BlobId(reader.Take(BlobId.Length)), Offset = reader.UInt64(), Length = reader.UInt32() };
                break;
            case MessageType.Want or MessageType.Find or MessageType.Have or MessageType.Found:
                message = common with { Count = reader.UInt16(), Items = reader.Take(reader.Left) };
                break;
            case MessageType.Store:
                message = DecodeStore(common, ref reader);
                break;
            case MessageType.Stored:
                message = common with { Code = reader.Byte() };
                break;
            case MessageType.Error:
                uint code = reader.UInt16();
                message = common with
                {
                    Code = code is >= (uint)ErrorKind.Internal and <= (uint)ErrorKind.ProtocolViolation ? code : (uint)ErrorKind.Internal,
                    Bytes = reader.Take(reader.UInt16()),
                };
                break;
            case MessageType.Notice:
                message = common with { Id = new BlobId(reader.Take(BlobId.Length)), Code = reader.Byte() };
                break;
            default:
                message = common with { Bytes = reader.Take(reader.Left) };
                break;
        }

        reader.End();
        return message.FaultOfMembers() is { } fault ? throw reader.Malformed(fault) : message;
    }

    private static MessageView DecodeStore(MessageView common, scoped ref MessageReader reader)
    {
        var id = new BlobId(reader.Take(BlobId.Length));
        uint length = reader.UInt32();
        int descriptorLength = reader.UInt16();
        byte flags = reader.Byte();
        if (reader.Byte() != 0 || flags != (length == 0 ? DescriptorOnly : 0))
            throw reader.Malformed($"has flags 0x{flags:x2} with a blob of {length} bytes");
        return common with { Id = id, Length = length, Bytes = reader.Take(descriptorLength) };
    }

    /// <summary>What is wrong with what the header would say; null if nothing is. A header that is read is checked elsewhere.</summary>
    private string? FaultOfHeader()
    {
        int limit = MessageLimits.MaxBodyLength(Type);
        if (limit < 0)
            return "does not exist";
        if ((Flags & ~(Type == MessageType.Data ? FrameFlags.Last | FrameFlags.Upload : FrameFlags.None)) != 0)
            return $"cannot have flags 0x{(int)Flags:x2}";
        if (Type == MessageType.Hello ? RequestNumber != 0 : RequestNumber == 0 && Type != MessageType.Error)
            return $"cannot have request number {RequestNumber}";
        if (Bytes.Length > limit || Items.Length > limit || BodyLength > limit)
            return $"has a body of at most {limit} bytes; {(long)Bytes.Length + Items.Length} are too many";
        Members strange = Present & ~MembersOf(Type);
        if (strange != 0)
            return $"has no {strange}";
        return Type == MessageType.Error && !System.Text.Unicode.Utf8.IsValid(Bytes) ? "has a text that is not valid UTF-8" : null;
    }

    /// <summary>What is wrong with the members that count for the type; null if nothing is.</summary>
    private string? FaultOfMembers() => Type switch
    {
        MessageType.Hello when MaxVersion > ushort.MaxValue || MinVersion > MaxVersion => $"speaks versions {MinVersion} to {MaxVersion}",
        MessageType.Hello when MaxRequestsUnderWay == 0 || IdleTimeoutMs == 0 => "sets a limit of zero",
        MessageType.Get when Offset > MessageLimits.MaxBlobLength || Length > MessageLimits.MaxBlobLength - Offset =>
            $"asks for {Length} bytes at offset {Offset}; no blob is longer than {MessageLimits.MaxBlobLength}",
        MessageType.Want => FaultOfIds(MessageLimits.MaxWantIds),
        MessageType.Find => FaultOfIds(MessageLimits.MaxFindIds),
        MessageType.Have => FaultOfBits(),
        MessageType.Found => FaultOfDescriptors(),
        MessageType.Store when Length > MessageLimits.MaxBlobLength =>
            $"announces a blob of {Length} bytes; the limit is {MessageLimits.MaxBlobLength}",
        MessageType.Store when Bytes.Length > MessageLimits.MaxDescriptorLength =>
            $"has a descriptor of {Bytes.Length} bytes; the limit is {MessageLimits.MaxDescriptorLength}",
        MessageType.Store when Length == 0 && Bytes.IsEmpty => "has neither a blob nor a descriptor",
        MessageType.Stored when Code is not (1 or 2) => $"has outcome {Code}",
        MessageType.Error when Code is < (uint)ErrorKind.Internal or > (uint)ErrorKind.ProtocolViolation => $"has kind {Code}",
        MessageType.Error when Bytes.Length > MessageLimits.MaxErrorTextLength =>
            $"has a text of {Bytes.Length} bytes; the limit is {MessageLimits.MaxErrorTextLength}",
        MessageType.Notice when Code is not ((uint)NoticeKind.Missing or (uint)NoticeKind.Corrupt) => $"has kind {Code}",
        _ => null,
    };

    private string? FaultOfIds(int limit) =>
        Count == 0 || Count > limit ? $"lists {Count} ids; it may list 1 to {limit}"
        : Items.Length != Count * BlobId.Length ? $"lists {Count} ids in {Items.Length} bytes"
        : null;

    private string? FaultOfBits()
    {
        if (Count > MessageLimits.MaxWantIds)
            return $"answers for {Count} ids; the limit is {MessageLimits.MaxWantIds}";
        if (Items.Length != (Count + 7) / 8)
            return $"answers for {Count} ids in {Items.Length} bytes";
        return (Count & 7) != 0 && (Items[^1] & (0xff >> (int)(Count & 7))) != 0 ? "sets bits past its last id" : null;
    }

    private string? FaultOfDescriptors()
    {
        if (Count > MessageLimits.MaxFindIds)
            return $"answers for {Count} stripes; the limit is {MessageLimits.MaxFindIds}";
        ReadOnlySpan<byte> rest = Items;
        for (uint i = 0; i < Count; i++)
        {
            if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out ushort length) || length > rest.Length - 2)
                return $"is cut in descriptor {i}";
            if (length > MessageLimits.MaxDescriptorLength)
                return $"has a descriptor of {length} bytes; the limit is {MessageLimits.MaxDescriptorLength}";
            rest = rest[(2 + length)..];
        }

        return rest.IsEmpty ? null : $"has {rest.Length} bytes behind its last descriptor";
    }

    private Members Present =>
        (Id != default ? Members.Id : 0)
        | (Offset != 0 ? Members.Offset : 0)
        | (Length != 0 ? Members.Length : 0)
        | (Code != 0 ? Members.Code : 0)
        | (Count != 0 ? Members.Count : 0)
        | ((MinVersion | MaxVersion | Features | MaxRequestsUnderWay | MaxBlobLength | IdleTimeoutMs) != 0 ? Members.Versions : 0)
        | (!Bytes.IsEmpty ? Members.Bytes : 0)
        | (!Items.IsEmpty ? Members.Items : 0);

    private static Members MembersOf(MessageType type) => type switch
    {
        MessageType.Hello => Members.Versions,
        MessageType.Ping or MessageType.Pong or MessageType.Cancel or MessageType.Proceed => 0,
        MessageType.Get => Members.Id | Members.Offset | Members.Length,
        MessageType.Want or MessageType.Find or MessageType.Have or MessageType.Found => Members.Count | Members.Items,
        MessageType.Store => Members.Id | Members.Length | Members.Bytes,
        MessageType.Stored => Members.Code,
        MessageType.Error => Members.Code | Members.Bytes,
        MessageType.Notice => Members.Id | Members.Code,
        _ => Members.Bytes,
    };

    /// <summary>Groups of members that count together.</summary>
    [Flags]
    private enum Members
    {
        Id = 1,
        Offset = 2,
        Length = 4,
        Code = 8,
        Count = 16,
        Versions = 32,
        Bytes = 64,
        Items = 128,
    }
}
