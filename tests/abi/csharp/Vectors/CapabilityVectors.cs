using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes capabilities.json.</summary>
internal static class CapabilityVectors
{
    private static readonly byte[] Root = Named("root manifest");
    private static readonly byte[] Key = Named("root key");

    /// <summary>The file.</summary>
    public static JsonObject Make() => new()
    {
        ["about"] = About(
            "Capabilities, docs/spec/capability.md. good: parsing text gives canRead, rootId, key (32 zero bytes where canRead is false), rootLength "
            + "and parityShards; formatting these gives canonical; verify is the capability to verify only.",
            "bad: parsing text gives status. badFields: formatting the fields gives status.",
            "Made by tests/abi/csharp (make-vectors); the good ones were taken apart and put together again with Python (base64, hashlib).",
            AboutStatus),
        ["good"] = new JsonArray(
            Good("read", 1000, 2, Key),
            Good("verify", 1000, 2, []),
            Good("the shortest root, no copies", 1, 0, Key),
            Good("the longest root, the most copies", 1 << 20, 254, Key),
            Good("the same, verify", 1 << 20, 254, []),
            Good("all bits set", 0xFFFFF, 254, [.. Enumerable.Repeat((byte)255, 32)], [.. Enumerable.Repeat((byte)255, 32)]),
            Good("a key of zeros", 1, 0, new byte[32], new byte[32]),
            Good("white space around it", 1000, 2, Key, around: " \t\r\n")),
        ["bad"] = Bad(),
        ["badFields"] = new JsonArray(
            BadFields("root length 0", 0, 2, "no manifest is empty"),
            BadFields("root length 1 MiB + 1", (1 << 20) + 1, 2, "no manifest is longer than 1 MiB"),
            BadFields("root length 2^32 - 1", uint.MaxValue, 2, "no manifest is longer than 1 MiB"),
            BadFields("255 copies more", 1000, 255, "1 + m is at most 255"),
            BadFields("2^32 - 1 copies more", 1000, uint.MaxValue, "1 + m is at most 255")),
    };

    private static JsonObject Good(string name, int rootLength, int parityShards, byte[] key, byte[]? root = null, string around = "")
    {
        var capability = new Capability(new BlobId(root ?? Root), rootLength, parityShards, key);
        string text = capability.ToString();
        return new JsonObject
        {
            ["name"] = name,
            ["text"] = around + text + around,
            ["canonical"] = text,
            ["verify"] = capability.ToVerifyOnly().ToString(),
            ["canRead"] = capability.CanRead,
            ["rootId"] = Hex(root ?? Root),
            ["key"] = Hex(key.Length > 0 ? key : new byte[32]),
            ["rootLength"] = rootLength,
            ["parityShards"] = parityShards,
        };
    }

    private static JsonArray Bad()
    {
        string read = new Capability(new BlobId(Root), 1000, 2, Key).ToString();
        string verify = new Capability(new BlobId(Root), 1000, 2, default).ToString();
        string body = read["mt1:".Length..], verifyBody = verify["mtv1:".Length..];

        var cases = new JsonArray();
        void Add(string name, string text, string why) =>
            cases.Add(new JsonObject { ["name"] = name, ["text"] = text, ["status"] = Malformed, ["why"] = why });

        Add("no text", "", "nothing is there");
        Add("white space", "   ", "nothing is there");
        Add("another text", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "a CID");
        Add("the prefix alone", "mt1:", "cut");
        Add("the prefix to verify alone", "mtv1:", "cut");
        Add("no prefix", body, "mt1: or mtv1: must be there");
        Add("the colon missing", "mt1" + body, "mt1: or mtv1: must be there");
        Add("upper case", "MT1:" + body, "the prefix is in lower case");
        Add("version 2", "mt2:" + body, "there is no mt2:");
        Add("to verify, called to read", "mt1:" + verifyBody, "a wrong length");
        Add("to read, called to verify", "mtv1:" + body, "a wrong length");
        Add("cut by one character", read[..^1], "97 characters of 98");
        Add("cut by one character, verify", verify[..^1], "54 characters of 55");
        Add("cut by half", read[..50], "46 characters of 98");
        Add("one character more", read + "A", "99 characters of 98");
        Add("padding", read + "==", "base64url without padding");
        Add("a character changed", Change(read, 10), "the checksum does not match");
        Add("the first character changed", Change(read, 4), "the checksum does not match");
        Add("a character of the checksum changed", Change(read, read.Length - 3), "the checksum does not match");
        Add("a character changed, verify", Change(verify, 20), "the checksum does not match");
        Add("two characters exchanged", Exchange(read), "the checksum does not match");
        Add("a space inside", string.Concat(read.AsSpan(0, 30), " ", read.AsSpan(31)), "not a character of base64url");
        Add("a line end inside", string.Concat(read.AsSpan(0, 30), "\n", read.AsSpan(31)), "not a character of base64url");
        Add("a plus", string.Concat(read.AsSpan(0, 30), "+", read.AsSpan(31)), "a character of base64, not of base64url");
        Add("a slash", string.Concat(read.AsSpan(0, 30), "/", read.AsSpan(31)), "a character of base64, not of base64url");
        Add("a letter with an accent", string.Concat(read.AsSpan(0, 30), "é", read.AsSpan(31)), "not a character of base64url");
        Add("a second spelling", Stray(read, 584), "bits behind the last byte that are not zero");
        Add("a second spelling, verify", Stray(verify, 328), "bits behind the last byte that are not zero");
        Add("checksum of the other kind", Build("mt1:", 2, Root, 1000, 2, Key), "the checksum begins with the kind");
        Add("root length 0", Build("mt1:", 1, Root, 0, 2, Key), "no manifest is empty");
        Add("root length 1 MiB + 1", Build("mt1:", 1, Root, (1 << 20) + 1, 2, Key), "no manifest is longer than 1 MiB");
        Add("root length 2^32 - 1", Build("mtv1:", 2, Root, -1, 2, []), "no manifest is longer than 1 MiB");
        Add("255 copies more", Build("mt1:", 1, Root, 1000, 255, Key), "1 + m is at most 255");
        return cases;
    }

    private static JsonObject BadFields(string name, uint rootLength, uint parityShards, string why) => new()
    {
        ["name"] = name,
        ["canRead"] = true,
        ["rootId"] = Hex(Root),
        ["key"] = Hex(Key),
        ["rootLength"] = rootLength,
        ["parityShards"] = parityShards,
        ["status"] = InvalidArgument,
        ["why"] = why,
    };

    private static string Change(string text, int index) =>
        string.Concat(text.AsSpan(0, index), text[index] == 'A' ? "B" : "A", text.AsSpan(index + 1));

    private static string Exchange(string text)
    {
        int index = 20;
        while (text[index] == text[index + 1])
            index++;
        return string.Concat(text.AsSpan(0, index), text.AsSpan(index + 1, 1), text.AsSpan(index, 1), text.AsSpan(index + 2));
    }

    // The last character carries bits that no byte takes; setting one of them changes the text and not what it decodes to.
    private static string Stray(string text, int bits)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        if (bits % 6 == 0)
            throw new InvalidOperationException("Every bit of the last character is used.");
        return text[..^1] + alphabet[alphabet.IndexOf(text[^1]) | 1];
    }

    private static string Build(string prefix, byte kind, byte[] root, int rootLength, byte parityShards, byte[] key)
    {
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, rootLength);
        byte[] body = [.. root, .. length, parityShards, .. key];
        return prefix + Base64Url.EncodeToString([.. body, .. SHA256.HashData([kind, .. body]).AsSpan(0, 4)]);
    }
}
