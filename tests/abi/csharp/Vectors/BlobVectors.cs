using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;
using static Megatorrent.Abi.Suite.Vectors.Cases;

namespace Megatorrent.Abi.Suite.Vectors;

/// <summary>Makes blobs.json.</summary>
internal static class BlobVectors
{
    // Longer blobs are named by their hash only.
    private const int HexLengthMax = 2048;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    // The bytes i mod 7, compressed once: with zstd 1.5.4, lz4 1.9.4 -9 (the block alone), Python's gzip and Node's Brotli. What they give may
    // change from version to version, so they are kept.
    private static readonly (CompressionKind Kind, int Length, string Payload)[] Compressed =
    [
        (CompressionKind.Zstd, 1000, "28b52ffd60e80275000038000102030405060100de551523"),
        (CompressionKind.Zstd, 70000, "28b52ffda0701101007d0000380001020304050601006611ca8b11"),
        (CompressionKind.Lz4, 1000, "7f000102030405060700ffffffcc500102030405"),
        (CompressionKind.Lz4, 70000, "7f000102030405060700" + new string('f', 548) + "63500203040506"),
        (CompressionKind.Gzip, 1000, "1f8b08000000000002ff636064626661656318a546a9516af852008b6c4f56e8030000"),
        (
            CompressionKind.Gzip,
            70000,
            "1f8b08000000000002ffedc5b1010030040030b4fc7fb2278cc992c87abf2724499224499224499224499224499224499224"
            + "4992244992244992244992244992244992244992244992244992244992244992244992244992244992244992244992244992"
            + "2449922449922449922449922449922449922449922449922449922449922449d25d0b858db04a70110100"
        ),
        (CompressionKind.Brotli, 1000, "1be703f8056e004c1bb545023723a73b"),
        (CompressionKind.Brotli, 70000, "5b6f11815fe006c0b4715b247024210039dd01"),
    ];

    private static readonly CipherSuite[] Suites = [CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305];

    /// <summary>The file.</summary>
    public static JsonObject Make() => new()
    {
        ["about"] = About(
            "Sealed chunks, docs/spec/blob.md. suite and compression are the numbers of the header (MT_SUITE_*; MT_COMPRESSION_*: 1 none, 2 zstd, "
            + "3 LZ4, 4 gzip, 5 Brotli).",
            "sealed: sealing plaintext with suite, no compression and tenantSecret gives key, id and a blob of blobLength bytes with the hash id; "
            + "blob is there too, and \"\" where it is long.",
            "opened: inspecting blob gives suite, compression and plaintextLength; opening it with key gives bytes with the hash plaintextSha256. "
            + "Compressed bytes depend on the version of the compressor, so these are for opening only.",
            "bad: opening blob with key gives status, inspecting it inspectStatus (MT_OK where only opening can tell).",
            "Made by tests/abi/csharp (make-vectors); every key, tag and hash was checked with Python (hashlib, hmac, cryptography on OpenSSL).",
            AboutPattern,
            AboutStatus),
        ["sealed"] = Sealed(),
        ["opened"] = Opened(),
        ["bad"] = Bad(),
    };

    private static JsonArray Sealed()
    {
        var cases = new JsonArray();
        foreach (CipherSuite suite in Suites)
        {
            foreach (int length in (int[])[0, 1, 15, 16, 17, 1000, 70000])
            {
                byte[] plaintext = Checks.Pattern.Of(11, length);
                byte[] blob = Seal(suite, plaintext, Secret, out byte[] key);
                cases.Add(SealedCase($"{suite}, length {length}", suite, Secret, length <= 32 ? Hex(plaintext) : Pattern(11, length), blob, key));
            }
        }

        byte[] other = Named("another tenant");
        byte[] otherBlob = Seal(CipherSuite.Aes256Gcm, Checks.Pattern.Of(11, 1000), other, out byte[] otherKey);
        cases.Add(SealedCase("another tenant's secret", CipherSuite.Aes256Gcm, other, Pattern(11, 1000), otherBlob, otherKey));
        return cases;
    }

    private static JsonObject SealedCase(string name, CipherSuite suite, byte[] secret, JsonNode plaintext, byte[] blob, byte[] key) => new()
    {
        ["name"] = name,
        ["suite"] = (int)suite,
        ["tenantSecret"] = Hex(secret),
        ["plaintext"] = plaintext,
        ["key"] = Hex(key),
        ["id"] = Hex(SHA256.HashData(blob)),
        ["blobLength"] = blob.Length,
        ["blob"] = blob.Length <= HexLengthMax ? Hex(blob) : "",
    };

    private static JsonArray Opened()
    {
        var cases = new JsonArray();
        foreach (CipherSuite suite in Suites)
        {
            foreach (int length in (int[])[0, 1, 1000])
            {
                byte[] plaintext = Checks.Pattern.Of(12, length);
                byte[] blob = Seal(suite, plaintext, Secret, out byte[] key);
                cases.Add(OpenedCase($"{suite}, None, length {length}", suite, CompressionKind.None, blob, key, plaintext));
            }

            foreach ((CompressionKind kind, int length, string payload) in Compressed)
            {
                string name = $"{suite}, {kind}, length {length}";
                byte[] blob = Wrap(suite, kind, Convert.FromHexString(payload), length, Named(name));
                cases.Add(OpenedCase(name, suite, kind, blob, Named(name), Checks.Pattern.Periodic(7, length)));
            }
        }

        return cases;
    }

    private static JsonObject OpenedCase(
        string name, CipherSuite suite, CompressionKind compression, byte[] blob, byte[] key, byte[] plaintext) => new()
        {
            ["name"] = name,
            ["suite"] = (int)suite,
            ["compression"] = (int)compression + 1,
            ["blob"] = Hex(blob),
            ["key"] = Hex(key),
            ["plaintextLength"] = plaintext.Length,
            ["plaintextSha256"] = Hex(SHA256.HashData(plaintext)),
        };

    private static JsonArray Bad()
    {
        byte[] plain = Seal(CipherSuite.Aes256Gcm, Checks.Pattern.Of(13, 40), Secret, out byte[] key);
        byte[] chaCha = Seal(CipherSuite.ChaCha20Poly1305, Checks.Pattern.Of(13, 40), Secret, out byte[] chaChaKey);
        byte[] empty = Seal(CipherSuite.Aes256Gcm, [], Secret, out byte[] emptyKey);
        byte[] packKey = Named("bad blobs");
        byte[] zstd = Convert.FromHexString(Compressed[0].Payload);
        byte[] pack = Wrap(CipherSuite.Aes256Gcm, CompressionKind.Zstd, zstd, 1000, packKey);
        byte[] Zstd(byte[] payload, int length) => Wrap(CipherSuite.Aes256Gcm, CompressionKind.Zstd, payload, length, packKey);

        var cases = new JsonArray();
        void Add(string name, byte[] blob, byte[] with, string status, string inspectStatus, string why) => cases.Add(new JsonObject
        {
            ["name"] = name,
            ["blob"] = Hex(blob),
            ["key"] = Hex(with),
            ["status"] = status,
            ["inspectStatus"] = inspectStatus,
            ["why"] = why,
        });
        void Header(string name, byte[] blob, string status, string why) => Add(name, blob, key, status, status, why);
        void Body(string name, byte[] blob, byte[] with, string why) => Add(name, blob, with, Integrity, "MT_OK", why);

        Header("no bytes", [], Malformed, "there is no header");
        Header("a header alone", plain[..16], Malformed, "there is no tag");
        Header("31 bytes", empty[..31], Malformed, "the shortest blob has 32");
        Header("cut by one byte", plain[..^1], Malformed, "the payload length says otherwise");
        Header("extended by one byte", [.. plain, 0], Malformed, "the payload length says otherwise");
        Header("wrong magic", Flip(plain, 0), Malformed, "the first four bytes are not MTB and 0");
        Header("wrong last byte of the magic", Put(plain, 3, 1), Malformed, "the first four bytes are not MTB and 0");
        Header("version 0", Put(plain, 4, 0), Unsupported, "there is only version 1");
        Header("version 2", Put(plain, 4, 2), Unsupported, "there is only version 1");
        Header("reserved byte 1", Put(plain, 7, 1), Unsupported, "it is 0 in version 1");
        Header("suite 0", Put(plain, 5, 0), Unsupported, "suites are 1 and 2");
        Header("suite 3", Put(plain, 5, 3), Unsupported, "suites are 1 and 2");
        Header("compression 5", Put(plain, 6, 5), Unsupported, "compressions are 0 to 4 in a blob");
        Header("compression 255", Put(plain, 6, 255), Unsupported, "compressions are 0 to 4 in a blob");
        Header("payload length one more", Put(plain, 8, Big(41)), Malformed, "the blob is shorter than that");
        Header("payload length 2^32 - 1", Put(plain, 8, Big(-1)), Malformed, "the blob is shorter than that");
        Header("plaintext length one more, not compressed", Put(plain, 12, Big(41)), Malformed, "without compression both lengths are the same");
        Header("plaintext length one less, not compressed", Put(plain, 12, Big(39)), Malformed, "without compression both lengths are the same");
        Header("plaintext length 2^32 - 1", Put(plain, 12, Big(-1)), Malformed, "no chunk is so long");
        Header("compressed to the same length", Put(plain, 6, 1), Malformed, "with compression the payload is shorter than the plaintext");
        Header("plaintext length 16 MiB + 1, compressed", Put(pack, 12, Big((16 << 20) + 1)), Malformed, "no chunk is so long");
        Header("plaintext shorter than the payload, compressed", Put(pack, 12, Big(5)), Malformed, "compression never makes a chunk longer");

        Body("the wrong key", plain, Flip(key, 31), "one bit of the key");
        Body("the key of another blob", plain, emptyKey, "a key opens one blob");
        Body("a key of zeros", plain, new byte[32], "no key");
        Body("the other suite", Put(plain, 5, 2), key, "the header is authenticated");
        Body("the other suite again", Put(chaCha, 5, 1), chaChaKey, "the header is authenticated");
        Body("another plaintext length, compressed", Put(pack, 12, Big(1001)), packKey, "the header is authenticated");
        Body("another compression", Put(pack, 6, 2), packKey, "the header is authenticated");
        Body("first bit of the ciphertext", Flip(plain, 16), key, "AES-256-GCM");
        Body("last bit of the ciphertext", Flip(plain, plain.Length - 17, 7), key, "AES-256-GCM");
        Body("first bit of the tag", Flip(plain, plain.Length - 16), key, "AES-256-GCM");
        Body("last bit of the tag", Flip(plain, plain.Length - 1, 7), key, "AES-256-GCM");
        Body("a bit of the ciphertext", Flip(chaCha, 30), chaChaKey, "ChaCha20-Poly1305");
        Body("a bit of the tag", Flip(chaCha, chaCha.Length - 1), chaChaKey, "ChaCha20-Poly1305");
        Body("a bit of the tag of nothing", Flip(empty, 31), emptyKey, "an empty chunk has a tag too");
        Body("ciphertext and tag of another blob", [.. plain[..16], .. chaCha[16..]], key, "they belong together");
        Body("sealed rightly, gives fewer bytes than it says", Zstd(zstd, 1001), packKey, "the payload is 1000 bytes of plaintext");
        Body("sealed rightly, gives more bytes than it says", Zstd(zstd, 999), packKey, "the payload is 1000 bytes of plaintext");
        Body("sealed rightly, a cut payload", Zstd(zstd[..^1], 1000), packKey, "it does not decompress");
        Body("sealed rightly, an extended payload", Zstd([.. zstd, 0], 1000), packKey, "it does not decompress");
        Body("sealed rightly, no payload", Zstd([], 1000), packKey, "it does not decompress");
        Body("sealed rightly, a payload of nonsense", Zstd(Checks.Pattern.Of(14, 30), 1000), packKey, "it does not decompress");
        foreach ((CompressionKind kind, int length, string payload) in Compressed.Where(item => item.Length == 1000))
        {
            Body(
                $"sealed rightly, {kind} called another",
                Wrap(CipherSuite.Aes256Gcm, kind == CompressionKind.Brotli ? CompressionKind.Zstd : kind + 1, Convert.FromHexString(payload), length, packKey),
                packKey,
                "it does not decompress");
        }

        return cases;
    }

    private static byte[] Seal(CipherSuite suite, byte[] plaintext, byte[] secret, out byte[] key)
    {
        key = new byte[AeadCipher.KeyLength];
        var blob = new byte[BlobSealer.Bound(plaintext.Length)];
        int length = BlobSealer.Seal(plaintext, blob, suite, CompressionKind.None, secret, SystemRandomSource.Instance, key);
        return blob[..length];
    }

    // A blob around a payload of any kind, right or wrong.
    private static byte[] Wrap(CipherSuite suite, CompressionKind compression, byte[] payload, int plaintextLength, byte[] key)
    {
        var blob = new byte[payload.Length + BlobSealer.Overhead];
        new BlobHeader(suite, compression, payload.Length, plaintextLength).Encode(blob);
        Aead.Seal(
            suite, key, new byte[AeadCipher.NonceLength], payload, blob.AsSpan(BlobHeader.Length, payload.Length),
            blob.AsSpan(BlobHeader.Length + payload.Length), blob.AsSpan(0, BlobHeader.Length));
        return blob;
    }

    private static byte[] Big(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
