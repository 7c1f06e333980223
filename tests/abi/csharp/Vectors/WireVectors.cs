using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes wire.json.</summary>
internal static class WireVectors
{
    private static readonly byte[] Id = Named("blob");

    /// <summary>The members of mt_wire_message_t, in order, with what they are where they do not count.</summary>
    private static readonly (string Member, Func<JsonNode> Nothing)[] Members =
    [
        ("type", () => 0), ("flags", () => 0), ("requestNumber", () => 0), ("id", () => Hex(new byte[32])), ("offset", () => "0"), ("length", () => 0),
        ("code", () => 0), ("count", () => 0), ("versionMin", () => 0), ("versionMax", () => 0), ("features", () => 0), ("requestsMax", () => 0),
        ("blobLengthMax", () => 0), ("idleTimeoutMs", () => 0), ("bytes", () => ""), ("items", () => ""),
    ];

    /// <summary>The file.</summary>
    public static JsonObject Make() => new()
    {
        ["about"] = About(
            "Wire messages, docs/spec/wire.md. good: message and frame, both ways; message has all members of mt_wire_message_t (camelCase, without "
            + "struct_size and reserved), 0, \"\" or zeros where they do not count for the type.",
            "decoded: frame gives message; message would be encoded otherwise.",
            "bad: decoding frame gives status, and where that is MT_ERROR_INCOMPLETE frameLength as the length of the frame (else 0). unencodable: "
            + "encoding message gives status.",
            "Made by tests/abi/csharp (make-vectors); the good frames were built a second time in Python (struct) and are the same bytes.",
            AboutPattern,
            AboutNumbers,
            AboutStatus),
        ["good"] = Good(),
        ["decoded"] = Decoded(),
        ["bad"] = WireFaults.Make(),
        ["unencodable"] = Unencodable(),
    };

    /// <summary>A frame of any header and body.</summary>
    public static byte[] Frame(MessageType type, uint requestNumber, byte[] body, FrameFlags flags = FrameFlags.None)
    {
        var frame = new byte[FrameHeader.Length + body.Length];
        new FrameHeader(type, flags, requestNumber, body.Length).Write(frame);
        body.CopyTo(frame, FrameHeader.Length);
        return frame;
    }

    /// <summary>What an encoder writes.</summary>
    public static byte[] Body(int length, Func<byte[], int> encode)
    {
        var body = new byte[length];
        return encode(body) == length ? body : throw new InvalidOperationException("The length is not what the message says.");
    }

    private static JsonArray Good()
    {
        var cases = new JsonArray();
        void Add(string name, MessageType type, uint number, byte[] body, FrameFlags flags, params (string Member, JsonNode Value)[] members) =>
            cases.Add(new JsonObject
            {
                ["name"] = name,
                ["frame"] = Hex(Frame(type, number, body, flags)),
                ["message"] = Message(type, number, [("flags", (int)flags), .. members]),
            });

        var hello = new HelloMessage(1, 1, 0, 128, 16_842_752, 60_000);
        Add("hello", MessageType.Hello, 0, Body(20, body => hello.Encode(body)), FrameFlags.None, Hello(hello));
        hello = new HelloMessage(1, 65535, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue);
        Add("hello, all bits set", MessageType.Hello, 0, Body(20, body => hello.Encode(body)), FrameFlags.None, Hello(hello));
        hello = new HelloMessage(0, 0, 0, 1, 0, 1);
        Add("hello, least", MessageType.Hello, 0, Body(20, body => hello.Encode(body)), FrameFlags.None, Hello(hello));
        foreach (MessageType type in (MessageType[])[MessageType.Ping, MessageType.Pong, MessageType.Cancel, MessageType.Proceed])
            Add(Name(type), type, 7, [], FrameFlags.None);
        Add("ping, the greatest request number", MessageType.Ping, uint.MaxValue, [], FrameFlags.None);

        void Get(string name, long offset, int length) => Add(
            name, MessageType.Get, 7, Body(GetMessage.EncodedLength, body => new GetMessage(new BlobId(Id), offset, length).Encode(body)), FrameFlags.None,
            ("id", Hex(Id)), ("offset", offset.ToString(CultureInfo.InvariantCulture)), ("length", length));
        Get("get", 1 << 20, 4096);
        Get("get of nothing", 0, 0);
        Get("get of all there can be", 0, 16_842_752);
        Get("get at the end", 16_842_752, 0);

        Add("data", MessageType.Data, 7, [1, 2, 3], FrameFlags.None, ("bytes", "010203"));
        Add("data, last", MessageType.Data, 7, [1, 2, 3], FrameFlags.Last, ("bytes", "010203"));
        Add("data, upload", MessageType.Data, 7, [9], FrameFlags.Upload, ("bytes", "09"));
        Add("data, last of an upload", MessageType.Data, 7, [9], FrameFlags.Last | FrameFlags.Upload, ("bytes", "09"));
        Add("data, empty and last", MessageType.Data, 7, [], FrameFlags.Last);

        BlobId[] one = [new(Id)], three = [new(Id), new(Named("blob 2")), new(Named("blob 3"))];
        void Ids(string name, MessageType type, BlobId[] ids, Func<byte[], int> encode) => Add(
            name, type, 7, Body(2 + (ids.Length * BlobId.Length), encode), FrameFlags.None,
            ("count", ids.Length), ("items", Hex([.. ids.SelectMany(id => id.ToArray())])));
        Ids("want of one", MessageType.Want, one, body => new WantMessage(one).Encode(body));
        Ids("want of three", MessageType.Want, three, body => new WantMessage(three).Encode(body));
        Ids("find of one", MessageType.Find, one, body => new FindMessage(one).Encode(body));
        Ids("find of three", MessageType.Find, three, body => new FindMessage(three).Encode(body));

        void Have(string name, params bool[] present)
        {
            var have = new HaveMessage(present);
            byte[] body = Body(have.EncodedLength, body => have.Encode(body));
            Add(name, MessageType.Have, 7, body, FrameFlags.None, ("count", present.Length), ("items", Hex(body.AsSpan(2))));
        }
        Have("have of one", true);
        Have("have none of one", false);
        Have("have of three", true, false, true);
        Have("have of eight", true, true, true, true, true, true, true, true);
        Have("have of nine", false, false, false, false, false, false, false, true, true);

        void Store(string name, int length, byte[] descriptor)
        {
            var store = new StoreMessage(new BlobId(Id), length, descriptor);
            Add(
                name, MessageType.Store, 7, Body(store.EncodedLength, body => store.Encode(body)), FrameFlags.None,
                ("id", Hex(Id)), ("length", length), ("bytes", Hex(descriptor)));
        }
        Store("store", 1_048_608, Ascii("d1:ai1ee"));
        Store("store of a blob alone", 33, []);
        Store("store of a descriptor alone", 0, Ascii("d1:ai1ee"));
        Store("store of the longest blob", 16_842_752, [0]);

        Add("stored now", MessageType.Stored, 7, Body(1, body => new StoredMessage(true).Encode(body)), FrameFlags.None, ("code", 1));
        Add("was stored", MessageType.Stored, 7, Body(1, body => new StoredMessage(false).Encode(body)), FrameFlags.None, ("code", 2));

        void Found(string name, params byte[]?[] descriptors)
        {
            var found = new FoundMessage(descriptors);
            byte[] body = Body(found.EncodedLength, body => found.Encode(body));
            Add(name, MessageType.Found, 7, body, FrameFlags.None, ("count", descriptors.Length), ("items", Hex(body.AsSpan(2))));
        }
        Found("found one", Ascii("d1:ai1ee"));
        Found("found nothing", [null]);
        Found("found two of three", Ascii("first"), null, Ascii("third one"));

        void Error(string name, uint number, ErrorKind kind, string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            Add(
                name, MessageType.Error, number, Body(4 + utf8.Length, body => new ErrorMessage(kind, text).Encode(body)), FrameFlags.None,
                ("code", (int)kind), ("bytes", Hex(utf8)));
        }
        Error("error", 7, ErrorKind.NotFound, "This blob is not here.");
        Error("error without a text", 7, ErrorKind.Internal, "");
        Error("error that ends a session", 0, ErrorKind.ProtocolViolation, "Grüße – 終わり");
        Error("error, the longest text", 7, ErrorKind.StoreFull, new string('x', 1024));

        Add("notice of a missing blob", MessageType.Notice, 7, Body(33, body => new NoticeMessage(new BlobId(Id), NoticeKind.Missing).Encode(body)),
            FrameFlags.None, ("id", Hex(Id)), ("code", 1));
        Add("notice of a damaged blob", MessageType.Notice, 7, Body(33, body => new NoticeMessage(new BlobId(Id), NoticeKind.Corrupt).Encode(body)),
            FrameFlags.None, ("id", Hex(Id)), ("code", 2));

        foreach (MessageType type in (MessageType[])
            [MessageType.Status, MessageType.StatusReply, MessageType.Gossip, MessageType.GossipReply, MessageType.Probe, MessageType.ProbeReply,
             MessageType.Join, MessageType.Joined])
        {
            byte[] opaque = Checks.Pattern.Of((uint)type, 20);
            Add(Name(type), type, 7, opaque, FrameFlags.None, ("bytes", Hex(opaque)));
        }
        Add("status, empty", MessageType.Status, 7, [], FrameFlags.None);
        return cases;
    }

    private static JsonArray Decoded()
    {
        var hello = new HelloMessage(1, 2, 5, 128, 16_842_752, 60_000);
        byte[] longer = [.. Body(20, body => hello.Encode(body)), 1, 2, 3];
        return new JsonArray(new JsonObject
        {
            ["name"] = "hello of a later version, which appends to it",
            ["frame"] = Hex(Frame(MessageType.Hello, 0, longer)),
            ["message"] = Message(MessageType.Hello, 0, Hello(hello)),
        });
    }

    private static JsonArray Unencodable()
    {
        var cases = new JsonArray();
        void Add(string name, string why, MessageType type, uint number, params (string Member, JsonNode Value)[] members) => cases.Add(new JsonObject
        {
            ["name"] = name,
            ["message"] = Message(type, number, members),
            ["status"] = InvalidArgument,
            ["why"] = why,
        });
        (string, JsonNode)[] With((string, JsonNode)[] members, string member, JsonNode value) => [.. members, (member, value)];
        (string, JsonNode)[] hello = Hello(new HelloMessage(1, 1, 0, 128, 16_842_752, 60_000));

        Add("type 0", "there is no type 0", 0, 7);
        Add("type 24", "there is no type 24", (MessageType)24, 7);
        Add("type 260", "there is no such type, and get if it is cut to a byte", MessageType.Get, 7, ("type", 260), ("id", Hex(Id)));
        Add("get with request number 0", "a request needs a number", MessageType.Get, 0, ("id", Hex(Id)), ("length", 1));
        Add("hello with request number 1", "a hello has none", MessageType.Hello, 1, hello);
        Add("flags on ping", "only data has flags", MessageType.Ping, 7, ("flags", 1));
        Add("flag 4 on data", "flags are 1 and 2", MessageType.Data, 7, ("flags", 4), ("bytes", "00"));
        Add("flag 256 on data", "flags are 1 and 2", MessageType.Data, 7, ("flags", 256), ("bytes", "00"));
        Add("ping with bytes", "bytes do not count for ping", MessageType.Ping, 7, ("bytes", "00"));
        Add("ping with an offset", "the offset does not count for ping", MessageType.Ping, 7, ("offset", "1"));
        Add("ping with an id", "the id does not count for ping", MessageType.Ping, 7, ("id", Hex(Id)));
        Add("get with items", "items do not count for get", MessageType.Get, 7, ("id", Hex(Id)), ("items", "00"));
        Add("hello, lowest version above the highest", "they are out of order", MessageType.Hello, 0, With(hello, "versionMin", 2));
        Add("hello, version 65536", "versions have 16 bits", MessageType.Hello, 0, With(hello, "versionMax", 65536));
        Add("hello, no request", "a limit of zero", MessageType.Hello, 0, With(hello, "requestsMax", 0));
        Add("hello, no idle time", "a limit of zero", MessageType.Hello, 0, With(hello, "idleTimeoutMs", 0));
        Add("get past any blob", "offset + length is at most 16842752", MessageType.Get, 7, ("id", Hex(Id)), ("offset", "1"), ("length", 16_842_752));
        Add("get at 2^64 - 1", "offset + length is at most 16842752", MessageType.Get, 7,
            ("id", Hex(Id)), ("offset", "18446744073709551615"), ("length", 1));
        Add("data too long", "262144 bytes are the most", MessageType.Data, 7, ("bytes", Pattern(1, 262_145)));
        Add("gossip too long", "262144 bytes are the most", MessageType.Gossip, 7, ("bytes", Pattern(1, 262_145)));
        Add("want of nothing", "at least one id", MessageType.Want, 7);
        Add("want, one id for two", "32 bytes an id", MessageType.Want, 7, ("count", 2), ("items", Hex(Id)));
        Add("want, half an id", "32 bytes an id", MessageType.Want, 7, ("count", 1), ("items", Hex(Id.AsSpan(16))));
        Add("find of 65", "64 are the most", MessageType.Find, 7, ("count", 65), ("items", Pattern(1, 65 * 32)));
        Add("have, a byte too few", "a bit an id", MessageType.Have, 7, ("count", 9), ("items", "ff"));
        Add("have, a bit too many", "unused bits are zero", MessageType.Have, 7, ("count", 3), ("items", "b0"));
        Add("store of nothing", "a blob or a descriptor", MessageType.Store, 7, ("id", Hex(Id)));
        Add("store of too long a blob", "16842752 is the most", MessageType.Store, 7, ("id", Hex(Id)), ("length", 16_842_753));
        Add("store of too long a descriptor", "16384 is the most", MessageType.Store, 7, ("id", Hex(Id)), ("length", 1), ("bytes", Pattern(1, 16_385)));
        Add("stored 0", "1 or 2", MessageType.Stored, 7);
        Add("stored 3", "1 or 2", MessageType.Stored, 7, ("code", 3));
        Add("found, one descriptor for two", "as many as count says", MessageType.Found, 7, ("count", 2), ("items", "000161"));
        Add("found, a cut descriptor", "its length says more", MessageType.Found, 7, ("count", 1), ("items", "000261"));
        Add("found, bytes behind", "as many as count says", MessageType.Found, 7, ("count", 1), ("items", "00016100"));
        Add("error, a text too long", "1024 bytes are the most", MessageType.Error, 7, ("code", 1), ("bytes", Pattern(1, 1025)));
        Add("error 65536", "codes have 16 bits", MessageType.Error, 7, ("code", 65536));
        Add("notice 0", "1 or 2", MessageType.Notice, 7, ("id", Hex(Id)));
        Add("notice 3", "1 or 2", MessageType.Notice, 7, ("id", Hex(Id)), ("code", 3));
        return cases;
    }

    private static JsonObject Message(MessageType type, uint number, (string Member, JsonNode Value)[] members)
    {
        var message = new JsonObject();
        foreach ((string member, Func<JsonNode> nothing) in Members)
            message[member] = nothing();
        message["type"] = (int)type;
        message["requestNumber"] = number;
        foreach ((string member, JsonNode value) in members)
            message[member] = value.Parent is null ? value : value.DeepClone();
        return message;
    }

    private static (string Member, JsonNode Value)[] Hello(HelloMessage hello) =>
    [
        ("versionMin", hello.MinVersion), ("versionMax", hello.MaxVersion), ("features", hello.Features), ("requestsMax", hello.MaxRequestsUnderWay),
        ("blobLengthMax", hello.MaxBlobLength), ("idleTimeoutMs", hello.IdleTimeoutMs),
    ];

    private static string Name(MessageType type) => type switch
    {
        MessageType.StatusReply => "status reply",
        MessageType.GossipReply => "gossip reply",
        MessageType.ProbeReply => "probe reply",
        _ => type.ToString().ToLowerInvariant(),
    };
}
