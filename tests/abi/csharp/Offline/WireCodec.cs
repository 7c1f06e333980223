using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Turns the messages of Core into the members of mt_wire_message_t, and back.</summary>
internal static class WireCodec
{
    /// <summary>Encodes a message of wire.json as one frame.</summary>
    public static byte[] Encode(JsonElement message)
    {
        var type = (MessageType)message.Int32("type");
        byte[] body = Body(type, message);
        var frame = new byte[FrameHeader.Length + body.Length];
        new FrameHeader(type, (FrameFlags)message.Int32("flags"), message.UInt32("requestNumber"), body.Length).Write(frame);
        body.CopyTo(frame, FrameHeader.Length);
        return frame;
    }

    /// <summary>Decodes a body to the members of its message that count; all others are nothing.</summary>
    public static Dictionary<string, string> Decode(FrameHeader header, ReadOnlySpan<byte> body)
    {
        Dictionary<string, string> members = new()
        {
            ["type"] = Text((int)header.Type),
            ["flags"] = Text((int)header.Flags),
            ["requestNumber"] = Text(header.RequestNumber),
        };
        switch (header.Type)
        {
            case MessageType.Hello:
                HelloMessage hello = HelloMessage.Decode(body);
                members["versionMin"] = Text(hello.MinVersion);
                members["versionMax"] = Text(hello.MaxVersion);
                members["features"] = Text(hello.Features);
                members["requestsMax"] = Text(hello.MaxRequestsUnderWay);
                members["blobLengthMax"] = Text(hello.MaxBlobLength);
                members["idleTimeoutMs"] = Text(hello.IdleTimeoutMs);
                break;
            case MessageType.Get:
                GetMessage get = GetMessage.Decode(body);
                members["id"] = Hex(get.Id);
                members["offset"] = Text(get.Offset);
                members["length"] = Text(get.Length);
                break;
            case MessageType.Want:
                AddIds(members, WantMessage.Decode(body).Ids);
                break;
            case MessageType.Find:
                AddIds(members, FindMessage.Decode(body).StripeIds);
                break;
            case MessageType.Have:
                HaveMessage have = HaveMessage.Decode(body);
                members["count"] = Text(have.Present.Length);
                members["items"] = Rest(body, have.EncodedLength, have.Encode);
                break;
            case MessageType.Store:
                StoreMessage store = StoreMessage.Decode(body);
                members["id"] = Hex(store.Id);
                members["length"] = Text(store.BlobLength);
                members["bytes"] = store.Descriptor.Span.ToHex();
                break;
            case MessageType.Stored:
                members["code"] = StoredMessage.Decode(body).IsNew ? "1" : "2";
                break;
            case MessageType.Found:
                FoundMessage found = FoundMessage.Decode(body);
                members["count"] = Text(found.Descriptors.Length);
                members["items"] = Rest(body, found.EncodedLength, found.Encode);
                break;
            case MessageType.Error:
                ErrorMessage error = ErrorMessage.Decode(body);
                members["code"] = Text((int)error.Kind);
                members["bytes"] = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(error.Text));
                break;
            case MessageType.Notice:
                NoticeMessage notice = NoticeMessage.Decode(body);
                members["id"] = Hex(notice.Id);
                members["code"] = Text((int)notice.Kind);
                break;
            default:
                members["bytes"] = body.ToHex();
                break;
        }

        return members;
    }

    /// <summary>Whether decoded members are those of a message of wire.json.</summary>
    public static void CheckMembers(JsonElement message, Dictionary<string, string> decoded)
    {
        foreach (JsonProperty member in message.EnumerateObject())
        {
            string nothing = member.Name switch { "id" => new string('0', 2 * BlobId.Length), "bytes" or "items" => "", _ => "0" };
            string expected = member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetRawText() : member.Value.GetString()!;
            Check.Equal(expected, decoded.GetValueOrDefault(member.Name, nothing), member.Name);
        }
    }

    private static byte[] Body(MessageType type, JsonElement message)
    {
        byte[] bytes = message.Data("bytes"), items = message.Data("items");
        var id = new BlobId(message.Hex("id"));
        int length = message.Int32("length");
        switch (type)
        {
            case MessageType.Hello:
                var hello = new HelloMessage(
                    (ushort)message.UInt32("versionMin"), (ushort)message.UInt32("versionMax"), message.UInt32("features"), message.UInt32("requestsMax"),
                    message.UInt32("blobLengthMax"), message.UInt32("idleTimeoutMs"));
                return Fill(HelloMessage.EncodedLength, body => hello.Encode(body));
            case MessageType.Get:
                return Fill(GetMessage.EncodedLength, body => new GetMessage(id, message.Int64("offset"), length).Encode(body));
            case MessageType.Want:
                var want = new WantMessage(Ids(items));
                return Fill(want.EncodedLength, body => want.Encode(body));
            case MessageType.Find:
                var find = new FindMessage(Ids(items));
                return Fill(find.EncodedLength, body => find.Encode(body));
            case MessageType.Have:
                var have = new HaveMessage(
                    [.. Enumerable.Range(0, message.Int32("count")).Select(i => (items[i >> 3] & (0x80 >> (i & 7))) != 0)]);
                return Fill(have.EncodedLength, body => have.Encode(body));
            case MessageType.Store:
                var store = new StoreMessage(id, length, bytes);
                return Fill(store.EncodedLength, body => store.Encode(body));
            case MessageType.Stored:
                return Fill(StoredMessage.EncodedLength, body => new StoredMessage(message.Int32("code") == 1).Encode(body));
            case MessageType.Found:
                var found = new FoundMessage(Descriptors(items));
                return Fill(found.EncodedLength, body => found.Encode(body));
            case MessageType.Error:
                var error = new ErrorMessage((ErrorKind)message.Int32("code"), Encoding.UTF8.GetString(bytes));
                return Fill(4 + bytes.Length, body => error.Encode(body));
            case MessageType.Notice:
                return Fill(NoticeMessage.EncodedLength, body => new NoticeMessage(id, (NoticeKind)message.Int32("code")).Encode(body));
            default:
                return bytes;
        }
    }

    private static byte[] Fill(int length, Func<byte[], int> encode)
    {
        var body = new byte[length];
        Check.Equal(length, encode(body), "the length of the body");
        return body;
    }

    private static BlobId[] Ids(byte[] items) => [.. items.Chunk(BlobId.Length).Select(id => new BlobId(id))];

    private static byte[]?[] Descriptors(byte[] items)
    {
        List<byte[]?> descriptors = [];
        for (int at = 0; at < items.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(items.AsSpan(at));
            at += 2;
            descriptors.Add(length == 0 ? null : items[at..(at + length)]);
            at += length;
        }

        return [.. descriptors];
    }

    private static void AddIds(Dictionary<string, string> members, ReadOnlyMemory<BlobId> ids)
    {
        members["count"] = Text(ids.Length);
        members["items"] = string.Concat(ids.ToArray().Select(Hex));
    }

    // What follows the count, encoded anew from what was decoded.
    private static string Rest(ReadOnlySpan<byte> body, int length, EncodeBody encode)
    {
        var encoded = new byte[length];
        encode(encoded);
        Check.Bytes(body, encoded, "the body encoded anew");
        return Convert.ToHexStringLower(encoded.AsSpan(2));
    }

    private delegate int EncodeBody(Span<byte> destination);

    private static string Hex(BlobId id) => Convert.ToHexStringLower(id.ToArray());

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
