using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Megatorrent.Core.Crypto;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes the bad manifests: what is in them is written by hand, and sealed rightly where the fault is inside the seal.</summary>
internal static class ManifestFaults
{
    private static readonly byte[] Key = Named("bad manifests");
    private static readonly byte[] Stripe = Descriptor(4, [1032], ids: 1, parity: 2);
    private static readonly byte[] GoodPublic = Public((0, [Stripe]));
    private static readonly byte[] GoodSecret = Secret();

    /// <summary>The cases.</summary>
    public static JsonArray Make()
    {
        byte[] good = ManifestVectors.Seal(ManifestVectors.Simple, CipherSuite.Aes256Gcm, out byte[] key);
        byte[] ours = Build(GoodPublic, GoodSecret);
        var cases = new JsonArray();
        void Add(string name, byte[] blob, byte[] with, string status, string why) => cases.Add(new JsonObject
        {
            ["name"] = name,
            ["blob"] = Hex(blob),
            ["key"] = Hex(with),
            ["status"] = status,
            ["why"] = why,
        });
        void Both(string name, byte[] blob, string status, string why)
        {
            Add(name, blob, Key, status, why);
            Add($"{name}, without a key", blob, [], status, why);
        }
        void Inside(string name, byte[] secret, string status, string why) => Add(name, Build(GoodPublic, secret), Key, status, why);

        Both("no bytes", [], Malformed, "a manifest is a dictionary");
        Both("no bencode", Ascii("manifest"), Malformed, "a manifest is a dictionary");
        Both("a list", Ascii("le"), Malformed, "a manifest is a dictionary");
        Both("an empty dictionary", Ascii("de"), Malformed, "p, s, v and x must be there");
        Both("a byte behind", [.. ours, 0], Malformed, "a document is one value");
        Both("cut by one byte", ours[..^1], Malformed, "cut");
        Both("another key", Dictionary(("p", Text(GoodPublic)), ("q", Text([])), ("s", Text(new byte[99])), ("v", Number(1)), ("x", Number(1))),
            Malformed, "exactly p, s, v and x");
        Both("no suite", Dictionary(("p", Text(GoodPublic)), ("s", Text(new byte[99])), ("v", Number(1))), Malformed, "exactly p, s, v and x");
        Both("version 2", Blob(GoodPublic, new byte[99], 2, 1), Unsupported, "there is only version 1");
        Both("suite 3", Blob(GoodPublic, new byte[99], 1, 3), Unsupported, "suites are 1 and 2");
        Both("a sealed part of 15 bytes", Blob(GoodPublic, new byte[15], 1, 1), Malformed, "the tag alone has 16");

        Add("the wrong key", good, Flip(key, 0), Integrity, "one bit of the key");
        Add("the key of another manifest", good, Key, Integrity, "a key opens one manifest");
        Add("a bit of the public part", Flip(good, Encoding.Latin1.GetString(good).IndexOf("1:i32:", StringComparison.Ordinal) + 6), key, Integrity,
            "the public part is authenticated");
        Add("a bit of the sealed part", Flip(good, good.Length - 14), key, Integrity, "the last byte of the tag");
        Add("the other suite", Put(good, good.Length - 3, (byte)'2'), key, Integrity, "the suite is authenticated");

        void Open(string name, byte[] publicPart, string why) => Both(name, Build(publicPart, GoodSecret), Malformed, why);
        Open("no stream", Ascii("le"), "a manifest has 1 or 2 streams");
        Open("three streams", Public((0, [Stripe]), (0, [Stripe]), (0, [Stripe])), "a manifest has 1 or 2 streams");
        Open("a byte behind the public part", [.. GoodPublic, 0], "a document is one value");
        Open("depth 5", Public((5, [Stripe])), "depths are 0 to 4");
        Open("depth -1", Public((-1, [Stripe])), "depths are 0 to 4");
        Open("a striped child", Public((1, [Descriptor(4, [100, 100], ids: 4, parity: 2)])), "child manifests are replicated");
        Open("a stripe of nothing", Public((0, [Descriptor(4, [], ids: 2, parity: 2)])), "k is at least 1");
        Open("a stripe with an id too few", Public((0, [Descriptor(4, [100, 100], ids: 3, parity: 2)])), "k + m ids");
        Open("a replicated stripe with two ids", Public((0, [Descriptor(4, [100], ids: 2, parity: 2)])), "one id with k = 1");
        Open("a blob of 0 bytes", Public((0, [Descriptor(4, [0], ids: 1, parity: 2)])), "blobs have 1 byte to 16 MiB + 32");
        Open("a blob of 16 MiB + 33", Public((0, [Descriptor(4, [(16 << 20) + 33], ids: 1, parity: 2)])), "blobs have 1 byte to 16 MiB + 32");
        Open("m = -1", Public((0, [Descriptor(4, [100], ids: 1, parity: -1)])), "m is at least 0");
        Open("k + m = 256", Public((0, [Descriptor(4, [100], ids: 1, parity: 255)])), "k + m is at most 255");
        Open("lengths of three bytes", Public((0, [Descriptor(3, [100], ids: 1, parity: 2)])), "four bytes a length");

        Inside("kind 3", Secret(kind: 3), Unsupported, "kinds are 0 to 2");
        Inside("a directory with one stream", Secret(kind: 2), Malformed, "a directory has two");
        Inside("mode -1", Secret(mode: -1), Malformed, "modes are 0 to 65535");
        Inside("mode 65536", Secret(mode: 65536), Malformed, "modes are 0 to 65535");
        Inside("a name that is not UTF-8", Secret(name: [0xFF, 0xFE]), Malformed, "names are UTF-8");
        Inside("a name with half a character", Secret(name: [0xC3]), Malformed, "names are UTF-8");
        Inside("a name of 256 bytes", Secret(name: [.. Enumerable.Repeat((byte)'n', 256)]), Malformed, "255 is the most");
        Inside("no key", Secret(keys: []), Malformed, "32 bytes of key a data blob");
        Inside("two keys", Secret(keys: new byte[64]), Malformed, "32 bytes of key a data blob");
        Inside("no length", Secret(lengths: []), Malformed, "8 bytes of length a data blob");
        Inside("a negative length", Secret(lengths: Long(-1)), Malformed, "lengths are not negative");
        Inside("a chunk of 16 MiB + 1", Secret(lengths: Long((16 << 20) + 1)), Malformed, "16 MiB is the most");
        Inside("another number of streams", Secret(streams: 2), Malformed, "both parts have the same streams");
        Inside("no stream inside", Secret(streams: 0), Malformed, "both parts have the same streams");
        Inside("no time", Dictionary(("k", Number(1)), ("m", Number(0)), ("n", Text([])), ("s", Ascii("le"))), Malformed, "exactly k, m, n, s and t");
        Inside("a byte behind the sealed part", [.. GoodSecret, (byte)'e'], Malformed, "a document is one value");
        Inside("nothing inside", [], Malformed, "a dictionary");
        Add("lengths that add up to 2^63", Build(Public((1, [Stripe, Stripe])), Secret(keys: new byte[64], lengths: [.. Long(long.MaxValue), .. Long(1)])), Key,
            Malformed, "the sum is more than 2^63 - 1");
        return cases;
    }

    private static byte[] Build(byte[] publicPart, byte[] secretPart)
    {
        byte[] associatedData = [.. Ascii("megatorrent manifest v1\0"), (byte)CipherSuite.Aes256Gcm, .. publicPart];
        var sealedPart = new byte[secretPart.Length + AeadCipher.TagLength];
        Aead.Seal(
            CipherSuite.Aes256Gcm, Key, new byte[AeadCipher.NonceLength], secretPart, sealedPart.AsSpan(0, secretPart.Length),
            sealedPart.AsSpan(secretPart.Length), associatedData);
        return Blob(publicPart, sealedPart, 1, (int)CipherSuite.Aes256Gcm);
    }

    private static byte[] Blob(byte[] publicPart, byte[] sealedPart, int version, int suite) =>
        Dictionary(("p", Text(publicPart)), ("s", Text(sealedPart)), ("v", Number(version)), ("x", Number(suite)));

    private static byte[] Public(params (int Depth, byte[][] Stripes)[] streams) =>
        List(streams.Select(stream => Dictionary(("d", Number(stream.Depth)), ("n", List(stream.Stripes.Select(Text))))));

    private static byte[] Descriptor(int lengthWidth, int[] lengths, int ids, int parity) => Dictionary(
        ("i", Text([.. Enumerable.Range(0, ids).SelectMany(i => Named($"bad {i}"))])),
        ("k", Number(lengths.Length)),
        ("l", Text([.. lengths.SelectMany(length => Big(length)[(sizeof(int) - lengthWidth)..])])),
        ("m", Number(parity)));

    private static byte[] Secret(
        int kind = 1, int mode = 420, byte[]? name = null, byte[]? keys = null, byte[]? lengths = null, int streams = 1) => Dictionary(
            ("k", Number(kind)),
            ("m", Number(mode)),
            ("n", Text(name ?? Ascii("name"))),
            ("s", List(Enumerable.Repeat(Dictionary(("k", Text(keys ?? new byte[32])), ("l", Text(lengths ?? Long(1000)))), streams))),
            ("t", Number(0)));

    private static byte[] Dictionary(params (string Key, byte[] Value)[] entries) =>
        [(byte)'d', .. entries.SelectMany(entry => (byte[])[.. Text(Ascii(entry.Key)), .. entry.Value]), (byte)'e'];

    private static byte[] List(IEnumerable<byte[]> items) => [(byte)'l', .. items.SelectMany(item => item), (byte)'e'];

    private static byte[] Text(byte[] content) => [.. Ascii($"{content.Length}:"), .. content];

    private static byte[] Number(int value) => Ascii($"i{value}e");

    private static byte[] Big(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Long(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }
}
