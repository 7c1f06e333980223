using System.Security.Cryptography;
using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Manifests.</summary>
internal static class ManifestBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("manifest.open", vectors => vectors.ForEach("manifests.json", "manifests", Open)),
        Behaviour.Of("manifest.public", vectors => vectors.ForEach("manifests.json", "manifests", Public)),
        Behaviour.Of("manifest.seal", vectors => vectors.ForEach("manifests.json", "manifests", Seal)),
        Behaviour.Of("manifest.bad", vectors => vectors.ForEach("manifests.json", "bad", Bad)),
    ];

    private static void Open(JsonElement item)
    {
        Manifest manifest = Manifest.Open(item.Hex("blob"), item.Hex("key"));
        Check.Equal(item.Int32("kind"), (int)manifest.Kind, "the kind");
        Check.Equal(item.Int32("mode"), manifest.Mode, "the mode");
        Check.Equal(item.Text("objectName"), manifest.Name, "the name");
        Check.Equal(item.Int64("modifiedUnixNs"), manifest.ModifiedUnixNs, "the time");
        Streams(item, manifest, withKeys: true);
    }

    private static void Public(JsonElement item)
    {
        Manifest manifest = Manifest.ReadPublic(item.Hex("blob"));
        Check.Equal(ManifestKind.Node, manifest.Kind, "the kind");
        Check.Equal(0, manifest.Mode, "the mode");
        Check.Equal("", manifest.Name, "the name");
        Check.Equal(0, manifest.ModifiedUnixNs, "the time");
        Streams(item, manifest, withKeys: false);
    }

    private static void Streams(JsonElement item, Manifest manifest, bool withKeys)
    {
        JsonElement[] streams = [.. item.Items("streams")];
        Check.Equal(streams.Length, manifest.Streams.Count, "the number of streams");
        for (int i = 0; i < streams.Length; i++)
        {
            ManifestStream stream = manifest.Streams[i];
            JsonElement[] stripes = [.. streams[i].Items("stripes")];
            Check.Equal(streams[i].Int32("depth"), stream.Depth, $"stream {i}: the depth");
            Check.Equal(withKeys ? streams[i].Int64("length") : 0, stream.Length, $"stream {i}: the length");
            Check.Equal(stripes.Length, stream.Nodes.Count, $"stream {i}: the number of stripes");
            int next = 0;
            for (int j = 0; j < stripes.Length; j++)
            {
                Stripe(stripes[j], stream, stream.Nodes[j], next, withKeys, $"stream {i}, stripe {j}");
                next += stream.Nodes[j].DataShards;
            }

            if (!withKeys)
                Check.That(stream.Keys.IsEmpty && stream.Lengths.Count == 0, $"stream {i} has keys");
        }
    }

    private static void Stripe(JsonElement expected, ManifestStream stream, StripeDescriptor stripe, int firstBlob, bool withKeys, string name)
    {
        Check.Equal(expected.Int32("dataShards"), stripe.DataShards, $"{name}: k");
        Check.Equal(expected.Int32("parityShards"), stripe.ParityShards, $"{name}: m");
        Check.Equal(expected.Int32("shardLength"), stripe.ShardLength, $"{name}: the length");
        Check.Bytes(expected.Hex("id"), stripe.Id.ToArray(), $"{name}: the id");
        JsonElement[] blobs = [.. expected.Items("blobs")];
        Check.Equal(blobs.Length, stripe.Ids.Length, $"{name}: the number of ids");
        for (int i = 0; i < blobs.Length; i++)
        {
            Check.Bytes(blobs[i].Hex("id"), stripe.Ids[i].ToArray(), $"{name}, blob {i}: the id");
            Check.Equal(blobs[i].Int32("length"), stripe.LengthOf(i), $"{name}, blob {i}: the length");
            if (!withKeys || i >= stripe.DataShards)
                continue;
            Check.Equal(blobs[i].Int64("plaintextLength"), stream.Lengths[firstBlob + i], $"{name}, blob {i}: the length of the plaintext");
            Check.Bytes(
                blobs[i].Hex("key"), stream.Keys.Span.Slice((firstBlob + i) * AeadCipher.KeyLength, AeadCipher.KeyLength), $"{name}, blob {i}: the key");
        }
    }

    private static void Seal(JsonElement item)
    {
        var manifest = new Manifest
        {
            Kind = (ManifestKind)item.Int32("kind"),
            Name = item.Text("objectName"),
            Mode = item.Int32("mode"),
            ModifiedUnixNs = item.Int64("modifiedUnixNs"),
            Streams = [.. item.Items("streams").Select(Stream)],
        };
        var key = new byte[AeadCipher.KeyLength];
        byte[] blob = manifest.Seal((CipherSuite)item.Int32("suite"), item.Hex("tenantSecret"), SystemRandomSource.Instance, key);
        Check.Bytes(item.Hex("blob"), blob, "the blob");
        Check.Bytes(item.Hex("key"), key, "the key");
        Check.Bytes(item.Hex("id"), SHA256.HashData(blob), "the id");
    }

    private static ManifestStream Stream(JsonElement item)
    {
        JsonElement[] stripes = [.. item.Items("stripes")];
        JsonElement[] dataBlobs = [.. stripes.SelectMany(stripe => stripe.Items("blobs").Take(stripe.Int32("dataShards")))];
        return new ManifestStream(
            item.Int32("depth"),
            [
                .. stripes.Select(stripe => new StripeDescriptor(
                    stripe.Int32("parityShards"),
                    [.. stripe.Items("blobs").Select(blob => new BlobId(blob.Hex("id")))],
                    [.. stripe.Items("blobs").Take(stripe.Int32("dataShards")).Select(blob => blob.Int32("length"))])),
            ],
            dataBlobs.SelectMany(blob => blob.Hex("key")).ToArray(),
            [.. dataBlobs.Select(blob => blob.Int64("plaintextLength"))]);
    }

    private static void Bad(JsonElement item)
    {
        byte[] blob = item.Hex("blob"), key = item.Hex("key");
        Check.Gives(item.Text("status"), () => _ = key.Length > 0 ? Manifest.Open(blob, key) : Manifest.ReadPublic(blob), "opening");
    }
}
