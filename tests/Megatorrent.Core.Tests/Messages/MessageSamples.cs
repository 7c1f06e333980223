using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Core.Tests.Messages;

/// <summary>One way to decode and encode again for every message that has a body of its own, and bodies to try it on.</summary>
internal static class MessageSamples
{
    private static readonly BlobId One = new(Enumerable.Repeat((byte)0x11, 32).ToArray());
    private static readonly BlobId Two = new(Enumerable.Repeat((byte)0x22, 32).ToArray());

    public static readonly IReadOnlyDictionary<MessageType, Func<byte[], byte[]>> Recode = new Dictionary<MessageType, Func<byte[], byte[]>>
    {
        [MessageType.Hello] = body => Write(HelloMessage.EncodedLength, HelloMessage.Decode(body).Encode),
        [MessageType.Get] = body => Write(GetMessage.EncodedLength, GetMessage.Decode(body).Encode),
        [MessageType.Want] = body => Write(WantMessage.Decode(body).EncodedLength, WantMessage.Decode(body).Encode),
        [MessageType.Have] = body => Write(HaveMessage.Decode(body).EncodedLength, HaveMessage.Decode(body).Encode),
        [MessageType.Store] = body => Write(StoreMessage.Decode(body).EncodedLength, StoreMessage.Decode(body).Encode),
        [MessageType.Stored] = body => Write(StoredMessage.EncodedLength, StoredMessage.Decode(body).Encode),
        [MessageType.Find] = body => Write(FindMessage.Decode(body).EncodedLength, FindMessage.Decode(body).Encode),
        [MessageType.Found] = body => Write(FoundMessage.Decode(body).EncodedLength, FoundMessage.Decode(body).Encode),
        [MessageType.Notice] = body => Write(NoticeMessage.EncodedLength, NoticeMessage.Decode(body).Encode),
        [MessageType.Error] = body => Write(ErrorMessage.MaxEncodedLength, ErrorMessage.Decode(body).Encode),
    };

    // Each line is a frozen encoding: what is left of the arrow in a message, right of it its bytes.
    public static readonly IReadOnlyList<(MessageType Type, string Name, byte[] Encoded, string Hex)> Frozen =
    [
        (MessageType.Hello, "hello", Write(64, new HelloMessage(1, 2, 3, 128, 0x1010000, 60_000).Encode), "0001000200000003000000800101000000" + "00ea60"),
        (MessageType.Get, "get", Write(64, new GetMessage(One, 0x10203, 0x40506).Encode), Repeat("11", 32) + "0000000000010203" + "00040506"),
        (MessageType.Want, "want", Write(99, new WantMessage(new[] { One, Two }).Encode), "0002" + Repeat("11", 32) + Repeat("22", 32)),
        (MessageType.Have, "have", Write(99, new HaveMessage([true, false, true, true, false, false, false, false, true]).Encode), "0009" + "b080"),
        (MessageType.Have, "have none", Write(99, new HaveMessage([]).Encode), "0000"),
        (MessageType.Store, "store", Write(99, new StoreMessage(One, 0x100030, new byte[] { 0xd1, 0xd2 }).Encode),
            Repeat("11", 32) + "00100030" + "0002" + "00" + "00" + "d1d2"),
        (MessageType.Store, "store descriptor", Write(99, new StoreMessage(Two, 0, new byte[] { 0xd1 }).Encode),
            Repeat("22", 32) + "00000000" + "0001" + "01" + "00" + "d1"),
        (MessageType.Stored, "stored new", Write(9, new StoredMessage(true).Encode), "01"),
        (MessageType.Stored, "stored present", Write(9, new StoredMessage(false).Encode), "02"),
        (MessageType.Find, "find", Write(99, new FindMessage(new[] { Two }).Encode), "0001" + Repeat("22", 32)),
        (MessageType.Found, "found", Write(99, new FoundMessage([[0xaa, 0xbb], null, [0xcc]]).Encode), "0003" + "0002aabb" + "0000" + "0001cc"),
        (MessageType.Notice, "notice", Write(99, new NoticeMessage(One, NoticeKind.Corrupt).Encode), Repeat("11", 32) + "02"),
        (MessageType.Error, "error", Write(99, new ErrorMessage(ErrorKind.StoreFull, "vøll").Encode), "0008" + "0005" + "76c3b86c6c"),
    ];

    public static byte[] Write(int capacity, Encoder encode)
    {
        var buffer = new byte[capacity];
        return buffer[..encode(buffer)];
    }

    public delegate int Encoder(Span<byte> destination);

    private static string Repeat(string hex, int count) => string.Concat(Enumerable.Repeat(hex, count));
}
