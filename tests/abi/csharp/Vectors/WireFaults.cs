using System.Text.Json.Nodes;
using Megatorrent.Core.Wire.Messages;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes the bad frames of wire.json, by hand.</summary>
internal static class WireFaults
{
    private static readonly byte[] Id = Named("blob");

    /// <summary>The cases.</summary>
    public static JsonArray Make()
    {
        var cases = new JsonArray();
        void Add(string name, byte[] frame, string status, string why, int frameLength = 0) => cases.Add(new JsonObject
        {
            ["name"] = name,
            ["frame"] = Hex(frame),
            ["status"] = status,
            ["frameLength"] = frameLength,
            ["why"] = why,
        });
        void Header(string name, uint length, byte type, string why, byte flags = 0, ushort reserved = 0, uint number = 7) =>
            Add(name, [.. Big32(length), type, flags, .. Big16(reserved), .. Big32(number)], ProtocolViolation, why);
        void Over(MessageType type, uint limit) =>
            Header($"{type}, a body of {limit + 1} bytes", 8 + limit + 1, (byte)type, $"{limit} is its limit", number: type == MessageType.Hello ? 0u : 7u);
        void Body(MessageType type, string name, byte[] body, string why) =>
            Add($"{type}: {name}", WireVectors.Frame(type, type == MessageType.Hello ? 0u : 7u, body), Malformed, why);

        byte[] get = WireVectors.Frame(MessageType.Get, 7, [.. Id, .. Big64(0), .. Big32(1)]);
        Add("no bytes", [], Incomplete, "a header has 12", 12);
        Add("one byte", get[..1], Incomplete, "a header has 12", 12);
        Add("11 bytes", get[..11], Incomplete, "a header has 12", 12);
        Add("a header alone", get[..12], Incomplete, "its body is missing", get.Length);
        Add("one byte missing", get[..^1], Incomplete, "the body is cut", get.Length);

        Header("length 0", 0, 2, "the rest of the header has 8 bytes");
        Header("length 7", 7, 2, "the rest of the header has 8 bytes");
        Header("length 1114113", 1_114_113, 11, "1114112 is the limit of all frames");
        Header("length 2^32 - 1", uint.MaxValue, 5, "1114112 is the limit of all frames");
        Header("type 0", 8, 0, "there is no type 0");
        Header("type 24", 8, 24, "there is no type 24");
        Header("type 255", 8, 255, "there is no type 255");
        Header("flags on ping", 8, 2, "only data has flags", flags: 1);
        Header("flag 4 on data", 8, 5, "flags are 1 and 2", flags: 4);
        Header("flag 128 on data", 8, 5, "flags are 1 and 2", flags: 128);
        Header("reserved bytes 1", 8, 2, "they are zero", reserved: 1);
        Header("reserved bytes 256", 8, 2, "they are zero", reserved: 256);
        Header("ping with request number 0", 8, 2, "a request needs a number", number: 0);
        Header("data with request number 0", 8, 5, "a request needs a number", number: 0);
        Header("hello with request number 1", 28, 1, "a hello has none", number: 1);
        Over(MessageType.Hello, 1024);
        Over(MessageType.Ping, 0);
        Over(MessageType.Pong, 0);
        Over(MessageType.Get, 44);
        Over(MessageType.Data, 262_144);
        Over(MessageType.Want, 262_146);
        Over(MessageType.Have, 1026);
        Over(MessageType.Store, 16_424);
        Over(MessageType.Stored, 1);
        Over(MessageType.Find, 2050);
        Over(MessageType.Found, 1_048_706);
        Over(MessageType.Cancel, 0);
        Over(MessageType.Status, 262_144);
        Over(MessageType.StatusReply, 262_144);
        Over(MessageType.Error, 1028);
        Over(MessageType.Gossip, 262_144);
        Over(MessageType.GossipReply, 262_144);
        Over(MessageType.Probe, 262_144);
        Over(MessageType.ProbeReply, 262_144);
        Over(MessageType.Join, 262_144);
        Over(MessageType.Joined, 262_144);
        Over(MessageType.Notice, 33);
        Over(MessageType.Proceed, 0);

        byte[] hello = [.. Big16(1), .. Big16(1), .. Big32(0), .. Big32(128), .. Big32(1), .. Big32(60_000)];
        Body(MessageType.Hello, "empty", [], "20 bytes are the least");
        Body(MessageType.Hello, "19 bytes", hello[..^1], "20 bytes are the least");
        Body(MessageType.Hello, "lowest version above the highest", Put(hello, 0, 0, 2), "they are out of order");
        Body(MessageType.Hello, "no request", Put(hello, 8, 0, 0, 0, 0), "a limit of zero");
        Body(MessageType.Hello, "no idle time", Put(hello, 16, 0, 0, 0, 0), "a limit of zero");
        Body(MessageType.Get, "empty", [], "44 bytes");
        Body(MessageType.Get, "43 bytes", get[12..^1], "44 bytes");
        Body(MessageType.Get, "past any blob", [.. Id, .. Big64(1), .. Big32(16_842_752)], "offset + length is at most 16842752");
        Body(MessageType.Get, "an offset of 2^64 - 1", [.. Id, .. Big64(ulong.MaxValue), .. Big32(1)], "the sum must not wrap");
        Body(MessageType.Get, "a length of 2^32 - 1", [.. Id, .. Big64(0), .. Big32(uint.MaxValue)], "offset + length is at most 16842752");
        foreach ((MessageType type, ushort limit) in ((MessageType, ushort)[])[(MessageType.Want, 8192), (MessageType.Find, 64)])
        {
            Body(type, "empty", [], "two bytes of count");
            Body(type, "no id", Big16(0), "at least one");
            Body(type, "one id for two", [.. Big16(2), .. Id], "32 bytes an id");
            Body(type, "one id and a byte", [.. Big16(1), .. Id, 0], "32 bytes an id");
            Body(type, "a count over the limit", [.. Big16((ushort)(limit + 1)), .. Id], $"{limit} is the most");
        }

        Body(MessageType.Have, "empty", [], "two bytes of count");
        Body(MessageType.Have, "a byte missing", [.. Big16(9), 255], "a bit an id");
        Body(MessageType.Have, "a byte too many", [.. Big16(8), 255, 0], "a bit an id");
        Body(MessageType.Have, "a bit too many", [.. Big16(3), 0b1011_0000], "unused bits are zero");
        Body(MessageType.Have, "a count over the limit", [.. Big16(8193), 255], "8192 is the most");

        byte[] store = [.. Id, .. Big32(33), .. Big16(2), 0, 0, 1, 2];
        Body(MessageType.Store, "empty", [], "40 bytes are the least");
        Body(MessageType.Store, "cut", store[..39], "40 bytes are the least");
        Body(MessageType.Store, "a descriptor cut", store[..^1], "its length says more");
        Body(MessageType.Store, "a byte behind", [.. store, 0], "the descriptor ends before it");
        Body(MessageType.Store, "too long a blob", Put(store, 32, Big32(16_842_753)), "16842752 is the most");
        Body(MessageType.Store, "too long a descriptor", Put(store, 36, Big16(16_385)), "16384 is the most");
        Body(MessageType.Store, "descriptor only, with a blob", Put(store, 38, 1), "then the blob has no length");
        Body(MessageType.Store, "no blob, not descriptor only", Put(store, 32, 0, 0, 0, 0), "then it is the descriptor only");
        Body(MessageType.Store, "flag 2", Put(store, 38, 2), "there is only flag 1");
        Body(MessageType.Store, "reserved byte 1", Put(store, 39, 1), "it is zero");
        Body(MessageType.Store, "neither blob nor descriptor", [.. Id, .. Big32(0), .. Big16(0), 1, 0], "something must be stored");
        Body(MessageType.Stored, "empty", [], "one byte");
        Body(MessageType.Stored, "0", [0], "1 or 2");
        Body(MessageType.Stored, "3", [3], "1 or 2");

        Body(MessageType.Found, "empty", [], "two bytes of count");
        Body(MessageType.Found, "a count over the limit", [.. Big16(65), .. new byte[130]], "64 is the most");
        Body(MessageType.Found, "one descriptor for two", [.. Big16(2), .. Big16(1), 1], "as many as count says");
        Body(MessageType.Found, "a descriptor cut", [.. Big16(1), .. Big16(2), 1], "its length says more");
        Body(MessageType.Found, "too long a descriptor", [.. Big16(1), .. Big16(16_385), 1], "16384 is the most");
        Body(MessageType.Found, "a byte behind", [.. Big16(1), .. Big16(1), 1, 0], "as many as count says");
        Body(MessageType.Error, "empty", [], "4 bytes are the least");
        Body(MessageType.Error, "a text cut", [.. Big16(1), .. Big16(3), 97, 97], "its length says more");
        Body(MessageType.Error, "a byte behind", [.. Big16(1), .. Big16(1), 97, 97], "the text ends before it");
        Body(MessageType.Error, "too long a text", [.. Big16(1), .. Big16(1025), 97], "1024 is the most");
        Body(MessageType.Notice, "empty", [], "33 bytes");
        Body(MessageType.Notice, "32 bytes", Id, "33 bytes");
        Body(MessageType.Notice, "0", [.. Id, 0], "1 or 2");
        Body(MessageType.Notice, "3", [.. Id, 3], "1 or 2");
        return cases;
    }

    private static byte[] Big16(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Big32(uint value) => [.. Big16((ushort)(value >> 16)), .. Big16((ushort)value)];

    private static byte[] Big64(ulong value) => [.. Big32((uint)(value >> 32)), .. Big32((uint)value)];
}
