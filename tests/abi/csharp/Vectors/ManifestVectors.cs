using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes manifests.json.</summary>
internal static class ManifestVectors
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))];

    /// <summary>The file.</summary>
    public static JsonObject Make() => new()
    {
        ["about"] = About(
            "Manifests, docs/spec/manifest.md. manifests: opening blob with key gives the fields as mt_manifest_info_t, mt_manifest_stream_t, "
            + "mt_stripe_info_t and mt_stripe_blob_t have them (objectName: mt_manifest_get_name); made anew from them and sealed with suite and "
            + "tenantSecret it is exactly blob, blob has the hash id, and the key is key.",
            "kind: 0 node, 1 file, 2 directory. blobs: data, then parity, or the one with k = 1; the key of a parity blob is \"\" and its "
            + "plaintextLength 0. Ids and keys are SHA-256 of names: nothing is behind them.",
            "bad: opening blob with key gives status; with key \"\" it is opened without a key.",
            "Made by tests/abi/csharp (make-vectors); the good ones with AES-256-GCM were built a second time in Python (hashlib, hmac, cryptography on "
            + "OpenSSL) and are the same bytes.",
            AboutNumbers,
            AboutStatus),
        ["manifests"] = new JsonArray([.. Good().Select(item => Good(item.Name, item.Suite, item.Manifest))]),
        ["bad"] = ManifestFaults.Make(),
    };

    /// <summary>A file whose one stripe has one blob and two copies.</summary>
    public static Manifest Simple { get; } =
        File("photo.jpg", 0b110_100_100, 1_700_000_000_123_456_789, Stream(0, Stripe("a", 1, 2, [1032], [1000])));

    /// <summary>Seals a manifest in deduplicating mode.</summary>
    public static byte[] Seal(Manifest manifest, CipherSuite suite, out byte[] key)
    {
        key = new byte[AeadCipher.KeyLength];
        return manifest.Seal(suite, Secret, SystemRandomSource.Instance, key);
    }

    /// <summary>A stream of stripes; keys are named after the blobs.</summary>
    public static ManifestStream Stream(int depth, params (StripeDescriptor Stripe, string Name, long[] Lengths)[] stripes) => new(
        depth,
        [.. stripes.Select(item => item.Stripe)],
        stripes.SelectMany(item => item.Lengths.Select((_, i) => Named($"key {item.Name} {i}"))).SelectMany(key => key).ToArray(),
        [.. stripes.SelectMany(item => item.Lengths)]);

    /// <summary>A stripe whose ids are named after it.</summary>
    public static (StripeDescriptor Stripe, string Name, long[] Lengths) Stripe(string name, int data, int parity, int[] lengths, long[] plaintextLengths)
    {
        int idCount = data == 1 ? 1 : data + parity;
        BlobId[] ids = [.. Enumerable.Range(0, idCount).Select(i => new BlobId(Named($"blob {name} {i}")))];
        return (new StripeDescriptor(parity, ids, lengths), name, plaintextLengths);
    }

    private static Manifest File(string name, int mode, long modifiedUnixNs, ManifestStream stream) => new()
    {
        Kind = ManifestKind.File,
        Name = name,
        Mode = mode,
        ModifiedUnixNs = modifiedUnixNs,
        Streams = [stream],
    };

    private static IEnumerable<(string Name, CipherSuite Suite, Manifest Manifest)> Good()
    {
        const CipherSuite aes = CipherSuite.Aes256Gcm, chaCha = CipherSuite.ChaCha20Poly1305;
        yield return ("a file of one replicated blob", aes, Simple);
        yield return ("the same with ChaCha20-Poly1305", chaCha, Simple);
        yield return ("an empty file", aes, File("empty", 0, 0, Stream(0)));
        yield return ("a file of two stripes, the last one short", aes, File(
            "disk.img", 0b111_101_101, 1_600_000_000_000_000_000,
            Stream(
                0,
                Stripe("b", 4, 2, [1048608, 1048608, 900000, 1048608], [1048576, 1048576, 1048576, 1048576]),
                Stripe("c", 2, 2, [1048608, 77], [1048576, 45]))));
        yield return ("a stripe without parity", chaCha, File("raw", 0x8000, 1, Stream(0, Stripe("d", 3, 0, [33, 32, 40], [1, 0, 8]))));
        yield return ("one blob without a copy", aes, File("single", 0xFFFF, -1, Stream(0, Stripe("e", 1, 0, [33], [1]))));
        yield return ("the least and the greatest time", aes, File("old", 1, long.MinValue, Stream(0)));
        yield return ("the greatest time", aes, File("new", 1, long.MaxValue, Stream(0)));
        yield return ("a name in several scripts", aes, File("Füße – 写真 🐙.jpg", 0b110_100_100, 0, Stream(0)));
        yield return ("a name of 255 bytes", chaCha, File(new string('n', 255), 0b110_100_100, 0, Stream(0)));
        yield return ("a file with a tree of manifests", aes, File(
            "huge", 0b110_100_100, 0,
            Stream(1, Stripe("f", 1, 2, [262144], [5_000_000_000]), Stripe("g", 1, 2, [262000], [5_000_000_000]), Stripe("h", 1, 2, [700], [1]))));
        yield return ("a tree of the greatest depth", aes, File(
            "hugest", 0, 0, Stream(4, Stripe("i", 1, 4, [1048576], [long.MaxValue]))));
        yield return ("a node", aes, new Manifest { Kind = ManifestKind.Node, Streams = [Stream(0, Stripe("j", 4, 2, [40, 41, 42, 43], [8, 9, 10, 11]))] });
        yield return ("a directory", aes, new Manifest
        {
            Kind = ManifestKind.Directory,
            Name = "folder",
            Mode = 0b111_101_101,
            ModifiedUnixNs = 1_700_000_000_000_000_000,
            Streams =
            [
                Stream(0, Stripe("k", 2, 1, [65568, 65568], [65536, 65536])),
                Stream(0, Stripe("l", 1, 2, [200], [300])),
            ],
        });
        yield return ("an empty directory", chaCha, new Manifest
        {
            Kind = ManifestKind.Directory,
            Name = "nothing",
            Mode = 0b111_101_101,
            Streams = [Stream(0), Stream(0, Stripe("m", 1, 2, [34], [2]))],
        });
        yield return ("the widest stripe", aes, File(
            "wide", 0, 0,
            Stream(0, Stripe("n", 20, 235, [.. Enumerable.Repeat(64, 20)], [.. Enumerable.Repeat(32L, 20)]))));
    }

    private static JsonObject Good(string name, CipherSuite suite, Manifest manifest)
    {
        byte[] blob = Seal(manifest, suite, out byte[] key);
        return new JsonObject
        {
            ["name"] = name,
            ["suite"] = (int)suite,
            ["tenantSecret"] = Hex(Secret),
            ["blob"] = Hex(blob),
            ["id"] = Hex(SHA256.HashData(blob)),
            ["key"] = Hex(key),
            ["kind"] = (int)manifest.Kind,
            ["mode"] = manifest.Mode,
            ["objectName"] = manifest.Name,
            ["modifiedUnixNs"] = manifest.ModifiedUnixNs.ToString(CultureInfo.InvariantCulture),
            ["streams"] = new JsonArray([.. manifest.Streams.Select(Describe)]),
        };
    }

    private static JsonNode Describe(ManifestStream stream)
    {
        var stripes = new JsonArray();
        int next = 0;
        foreach (StripeDescriptor stripe in stream.Nodes)
        {
            stripes.Add(Describe(stripe, stream, next));
            next += stripe.DataShards;
        }

        return new JsonObject
        {
            ["depth"] = stream.Depth,
            ["length"] = stream.Length.ToString(CultureInfo.InvariantCulture),
            ["stripes"] = stripes,
        };
    }

    private static JsonObject Describe(StripeDescriptor stripe, ManifestStream stream, int firstBlob)
    {
        var blobs = new JsonArray();
        for (int i = 0; i < stripe.Ids.Length; i++)
        {
            bool isData = i < stripe.DataShards;
            blobs.Add(new JsonObject
            {
                ["id"] = Hex(stripe.Ids[i].ToArray()),
                ["length"] = stripe.LengthOf(i),
                ["plaintextLength"] = isData ? stream.Lengths[firstBlob + i].ToString(CultureInfo.InvariantCulture) : "0",
                ["key"] = isData ? Hex(stream.Keys.Span.Slice((firstBlob + i) * AeadCipher.KeyLength, AeadCipher.KeyLength)) : "",
            });
        }

        return new JsonObject
        {
            ["dataShards"] = stripe.DataShards,
            ["parityShards"] = stripe.ParityShards,
            ["shardLength"] = stripe.ShardLength,
            ["id"] = Hex(stripe.Id.ToArray()),
            ["blobs"] = blobs,
        };
    }
}
