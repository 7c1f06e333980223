using System.Security.Cryptography;
using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Sealed chunks.</summary>
internal static class BlobBehaviours
{
    private static readonly CipherSuite[] Suites = [CipherSuite.Aes256Gcm, CipherSuite.ChaCha20Poly1305];
    private static readonly CompressionKind[] Compressions = Enum.GetValues<CompressionKind>();

    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("blob.seal", vectors => vectors.ForEach("blobs.json", "sealed", Seal)),
        Behaviour.Of("blob.open", vectors => vectors.ForEach("blobs.json", "opened", Open)),
        Behaviour.Of("blob.round-trip", RoundTrip),
        Behaviour.Of("blob.fresh-keys", FreshKeys),
        Behaviour.Of("blob.same-secret", SameSecret),
        Behaviour.Of("blob.bad", vectors => vectors.ForEach("blobs.json", "bad", Bad)),
        Behaviour.Of("blob.limits", Limits),
    ];

    private static void Seal(JsonElement item)
    {
        byte[] blob = Seal(
            item.Data("plaintext"), (CipherSuite)item.Int32("suite"), CompressionKind.None, item.Hex("tenantSecret"), out byte[] key);
        Check.Bytes(item.Hex("key"), key, "the key");
        Check.Equal(item.Int32("blobLength"), blob.Length, "the length");
        Check.Bytes(item.Hex("id"), SHA256.HashData(blob), "the id");
        if (item.Text("blob").Length > 0)
            Check.Bytes(item.Hex("blob"), blob, "the blob");
    }

    private static void Open(JsonElement item)
    {
        byte[] blob = item.Hex("blob");
        BlobHeader header = BlobHeader.Decode(blob);
        Check.Equal(item.Int32("suite"), (int)header.Suite, "the suite");
        Check.Equal(item.Int32("compression"), (int)header.Compression + 1, "the compression");
        Check.Equal(item.Int32("plaintextLength"), header.PlaintextLength, "the length");
        var plaintext = new byte[header.PlaintextLength];
        Check.Equal(plaintext.Length, BlobSealer.Open(blob, item.Hex("key"), plaintext), "the length that was opened");
        Check.Bytes(item.Hex("plaintextSha256"), SHA256.HashData(plaintext), "the hash of the plaintext");
    }

    private static void RoundTrip(VectorFolder vectors)
    {
        foreach (CipherSuite suite in Suites)
        {
            foreach (CompressionKind compression in Compressions)
            {
                foreach (int length in (int[])[0, 1, 1000, 70000])
                {
                    foreach (byte[] plaintext in (byte[][])[Pattern.Periodic(7, length), Pattern.Of(9, length)])
                    {
                        byte[] blob = Seal(plaintext, suite, compression, [], out byte[] key);
                        Check.That(blob.Length <= BlobSealer.Bound(length), $"{suite} {compression}: {blob.Length} bytes are over the bound");
                        var opened = new byte[length];
                        Check.Equal(length, BlobSealer.Open(blob, key, opened), $"{suite} {compression}: the length");
                        Check.Bytes(plaintext, opened, $"{suite} {compression}: the plaintext");
                    }
                }
            }
        }
    }

    private static void FreshKeys(VectorFolder vectors)
    {
        byte[] plaintext = Pattern.Of(9, 1000);
        byte[] one = Seal(plaintext, Suites[0], CompressionKind.None, [], out byte[] oneKey);
        byte[] two = Seal(plaintext, Suites[0], CompressionKind.None, [], out byte[] twoKey);
        Check.That(!oneKey.SequenceEqual(twoKey), "the keys are the same");
        Check.That(!one.SequenceEqual(two), "the blobs are the same");
    }

    private static void SameSecret(VectorFolder vectors)
    {
        byte[] plaintext = Pattern.Periodic(7, 70000), secret = Pattern.Of(1, 32), other = Pattern.Of(2, 32);
        foreach (CompressionKind compression in Compressions)
        {
            byte[] one = Seal(plaintext, CipherSuite.Aes256Gcm, compression, secret, out byte[] oneKey);
            byte[] two = Seal(plaintext, CipherSuite.Aes256Gcm, compression, secret, out byte[] twoKey);
            Check.Bytes(one, two, $"{compression}: the second blob");
            Check.Bytes(oneKey, twoKey, $"{compression}: the second key");
            Seal(plaintext, CipherSuite.Aes256Gcm, compression, other, out byte[] otherKey);
            Check.That(!oneKey.SequenceEqual(otherKey), $"{compression}: another secret gives the same key");
            Seal(plaintext, CipherSuite.ChaCha20Poly1305, compression, secret, out otherKey);
            Check.That(!oneKey.SequenceEqual(otherKey), $"{compression}: another suite gives the same key");
        }
    }

    private static void Bad(JsonElement item)
    {
        byte[] blob = item.Hex("blob");
        var destination = new byte[1024];
        destination.AsSpan().Fill(0xAA);
        Check.Gives(item.Text("status"), () => BlobSealer.Open(blob, item.Hex("key"), destination), "opening");
        Check.That(destination.All(value => value is 0 or 0xAA), "something of the plaintext is in the output");
        Check.Gives(item.Text("inspectStatus"), () => BlobHeader.Decode(blob), "inspecting");
    }

    private static void Limits(VectorFolder vectors)
    {
        var plaintext = new byte[BlobHeader.PlaintextLengthMax];
        byte[] blob = Seal(plaintext, CipherSuite.Aes256Gcm, CompressionKind.None, [], out byte[] key);
        var opened = new byte[plaintext.Length];
        opened.AsSpan().Fill(1);
        BlobSealer.Open(blob, key, opened);
        Check.Bytes(plaintext, opened, "the longest chunk");
        Check.Gives(
            "MT_ERROR_INVALID_ARGUMENT", () => Seal(new byte[plaintext.Length + 1], CipherSuite.Aes256Gcm, CompressionKind.None, [], out _), "one byte more");
    }

    private static byte[] Seal(byte[] plaintext, CipherSuite suite, CompressionKind compression, byte[] secret, out byte[] key)
    {
        key = new byte[AeadCipher.KeyLength];
        var blob = new byte[BlobSealer.Bound(plaintext.Length)];
        return blob[..BlobSealer.Seal(plaintext, blob, suite, compression, secret, SystemRandomSource.Instance, key)];
    }
}
