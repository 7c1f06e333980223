using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Ed25519 and X25519.</summary>
internal static class KeyBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("key.ed25519", vectors => vectors.ForEach("ed25519.json", "signatures", Sign)),
        Behaviour.Of("key.ed25519-bad", vectors => vectors.ForEach("ed25519.json", "bad", BadSignature)),
        Behaviour.Of("key.x25519", Agree),
        Behaviour.Of("key.generate", Generate),
    ];

    private static void Sign(JsonElement item)
    {
        using SigningKey key = SigningKey.FromSeed(item.Hex("seed"));
        Check.Bytes(item.Hex("public"), key.PublicKey, "the public key");
        byte[] signature = Sign(key, item.Data("data"));
        Check.Bytes(item.Hex("signature"), signature, "the signature");
        Check.That(Ed25519.Verify(item.Hex("public"), item.Data("data"), signature), "the signature does not verify");
    }

    private static void BadSignature(JsonElement item) => Check.That(
        !Ed25519.Verify(item.Hex("public"), item.Data("data"), item.Hex("signature")), "the signature verifies");

    private static void Agree(VectorFolder vectors)
    {
        vectors.ForEach("x25519.json", "publicKeys", item => Check.Bytes(item.Hex("public"), Public(item.Hex("secret")), "the public key"));
        vectors.ForEach("x25519.json", "agreements", item =>
        {
            var shared = new byte[X25519.KeyLength];
            Check.That(X25519.TryAgree(item.Hex("secret"), item.Hex("public"), shared), "nothing is agreed");
            Check.Bytes(item.Hex("shared"), shared, "the shared secret");
        });
    }

    private static void Generate(VectorFolder vectors)
    {
        using SigningKey one = SigningKey.Generate(SystemRandomSource.Instance), two = SigningKey.Generate(SystemRandomSource.Instance);
        Check.That(!one.PublicKey.SequenceEqual(two.PublicKey), "two pairs are the same");
        var seed = new byte[SigningKey.SeedLength];
        one.CopySeedTo(seed);
        using SigningKey again = SigningKey.FromSeed(seed);
        Check.Bytes(one.PublicKey, again.PublicKey, "the public key of the seed");
        byte[] signature = Sign(one, [1, 2, 3]);
        Check.That(Ed25519.Verify(one.PublicKey, [1, 2, 3], signature), "the signature does not verify");
        Check.That(!Ed25519.Verify(two.PublicKey, [1, 2, 3], signature), "the signature verifies with another key");

        byte[] secret = new byte[X25519.KeyLength], other = new byte[X25519.KeyLength];
        SystemRandomSource.Instance.Fill(secret);
        SystemRandomSource.Instance.Fill(other);
        Check.That(!Public(secret).SequenceEqual(Public(other)), "two X25519 keys are the same");
    }

    private static byte[] Sign(SigningKey key, byte[] data)
    {
        var signature = new byte[Ed25519.SignatureLength];
        key.Sign(data, signature);
        return signature;
    }

    private static byte[] Public(byte[] secret)
    {
        var key = new byte[X25519.KeyLength];
        X25519.PublicKey(secret, key);
        return key;
    }
}
