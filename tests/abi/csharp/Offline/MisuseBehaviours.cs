using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Compression;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>What happens when things are used as they should not be.</summary>
internal static class MisuseBehaviours
{
    private const int Threads = 8;
    private static readonly TimeSpan WorkTime = TimeSpan.FromSeconds(2);

    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("misuse.closed-handle", ClosedHandle),
        Behaviour.Of("misuse.short-destination", ShortDestination),
        Behaviour.Of("misuse.many-threads", ManyThreads),
    ];

    private static void ClosedHandle(VectorFolder vectors)
    {
        const string closed = "MT_ERROR_INVALID_HANDLE";
        SigningKey key = SigningKey.Generate(SystemRandomSource.Instance);
        key.Dispose();
        key.Dispose();
        Check.Gives(closed, () => key.Sign([], new byte[Ed25519.SignatureLength]), "signing");
        Check.Gives(closed, () => key.CopySeedTo(new byte[SigningKey.SeedLength]), "the seed");

        string text = vectors.Read("peers.json").Items("payloads").First().Text("credential");
        Credential credential = Credential.Parse(text);
        credential.Dispose();
        credential.Dispose();
        Check.Gives(closed, () => _ = credential.TenantSecret.Length, "the tenant's secret");
        Check.Gives(closed, () => credential.ToText(), "the text of a credential");

        BlobLease lease = BlobLease.Rent(100);
        lease.Dispose();
        lease.Dispose();
        Check.Gives(closed, () => _ = lease.Memory.Length, "leased memory");

        var noise = new NoiseSide(initiator: true, CipherSuite.Aes256Gcm, new byte[X25519.KeyLength], ephemeralSecret: null, []);
        noise.Dispose();
        noise.Dispose();
        Check.Gives("MT_ERROR_STATE", () => noise.Write([]), "a session");
    }

    private static void ShortDestination(VectorFolder vectors)
    {
        const string refused = "MT_ERROR_INVALID_ARGUMENT";
        byte[] plaintext = Pattern.Of(1, 100), key = new byte[AeadCipher.KeyLength], destination = new byte[BlobSealer.Bound(100) - 1];
        Check.Gives(
            refused,
            () => BlobSealer.Seal(plaintext, destination, CipherSuite.Aes256Gcm, CompressionKind.None, [], SystemRandomSource.Instance, key),
            "sealing");
        Untouched(destination);
        JsonElement item = vectors.Read("blobs.json").Items("opened").First(item => item.Int32("plaintextLength") == 1000);
        var opened = new byte[999];
        Check.Gives(refused, () => BlobSealer.Open(item.Hex("blob"), item.Hex("key"), opened), "opening");
        Untouched(opened);
        var hash = new byte[31];
        Check.Gives(refused, () => Sha256.Hash(plaintext, hash), "hashing");
        Untouched(hash);
        var hashes = new byte[63];
        Check.Gives(refused, () => Sha256.HashMany([plaintext, plaintext], hashes), "hashing many");
        Untouched(hashes);
        using SigningKey signing = SigningKey.Generate(SystemRandomSource.Instance);
        var signature = new byte[63];
        Check.Gives(refused, () => signing.Sign(plaintext, signature), "signing");
        Untouched(signature);
    }

    private static void Untouched(byte[] destination) => Check.That(destination.All(value => value == 0), "something was written");

    private static void ManyThreads(VectorFolder vectors)
    {
        ErasureCase erasure = ErasureCase.All(vectors).Select(pair => pair.Case).Single(erasure => erasure.Name == "4+2, unequal lengths");
        JsonElement blob = vectors.Read("blobs.json").Items("sealed").Single(item => item.Name() == "Aes256Gcm, length 70000");
        JsonElement message = vectors.Read("sha256.json").Items("cases").Single(item => item.Name() == "length 65536");
        long end = Environment.TickCount64 + (long)WorkTime.TotalMilliseconds;
        using var start = new Barrier(Threads);
        Task[] tasks = [.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(Work, TaskCreationOptions.LongRunning))];
        Task.WaitAll(tasks);

        void Work()
        {
            byte[] plaintext = blob.Data("plaintext"), secret = blob.Hex("tenantSecret"), data = message.Data("data");
            byte[] key = new byte[AeadCipher.KeyLength], opened = new byte[plaintext.Length], hash = new byte[Sha256.HashLength];
            var sealedChunk = new byte[BlobSealer.Bound(plaintext.Length)];
            start.SignalAndWait();
            do
            {
                byte[][] shards = erasure.Copy();
                foreach (byte[] parity in shards.Skip(4))
                    parity.AsSpan().Clear();
                erasure.Encode(shards);
                Check.Bytes(erasure.Shards[5], shards[5], "parity");
                BlobSealer.Seal(plaintext, sealedChunk, CipherSuite.Aes256Gcm, CompressionKind.None, secret, SystemRandomSource.Instance, key);
                Sha256.Hash(sealedChunk, hash);
                Check.Bytes(blob.Hex("id"), hash, "the id");
                BlobSealer.Open(sealedChunk, key, opened);
                Check.Bytes(plaintext, opened, "the plaintext");
                Sha256.Hash(data, hash);
                Check.Bytes(message.Hex("sha256"), hash, "the hash");
            }
            while (Environment.TickCount64 < end);
        }
    }
}
