using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>SHA-256, Merkle trees and CIDs.</summary>
internal static class HashBehaviours
{
    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("hash.sha256", vectors => vectors.ForEach("sha256.json", "cases", Hash)),
        Behaviour.Of("hash.sha256-many", HashMany),
        Behaviour.Of("merkle.root", vectors => vectors.ForEach("merkle.json", "cases", MerkleRoot)),
        Behaviour.Of("cid.good", vectors => vectors.ForEach("cid.json", "good", GoodCid)),
        Behaviour.Of("cid.bad", vectors => vectors.ForEach("cid.json", "bad", BadCid)),
    ];

    private static void Hash(JsonElement item)
    {
        var hash = new byte[Sha256.HashLength];
        Sha256.Hash(item.Data("data"), hash);
        Check.Bytes(item.Hex("sha256"), hash, "the hash");
    }

    private static void HashMany(VectorFolder vectors)
    {
        JsonElement[] cases = [.. vectors.Read("sha256.json").Items("cases")];
        var hashes = new byte[cases.Length * Sha256.HashLength];
        Sha256.HashMany([.. cases.Select(item => (ReadOnlyMemory<byte>)item.Data("data"))], hashes);
        for (int i = 0; i < cases.Length; i++)
            Check.Bytes(cases[i].Hex("sha256"), hashes.AsSpan(i * Sha256.HashLength, Sha256.HashLength), cases[i].Name());
        Sha256.HashMany([], []);
    }

    private static void MerkleRoot(JsonElement item) => Check.Bytes(item.Hex("root"), MerkleTree.Build(item.Data("data")).Root, "the root");

    private static void GoodCid(JsonElement item)
    {
        var id = new BlobId(item.Hex("id"));
        Check.Equal(item.Text("text"), Cid.Format(id), "the text");
        Check.That(Cid.TryParse(item.Text("text"), out BlobId parsed) && parsed == id, "the text does not give the id");
    }

    private static void BadCid(JsonElement item)
    {
        void Parse()
        {
            if (!Cid.TryParse(item.Text("text"), out _))
                throw new MegatorrentException(ErrorKind.Malformed, "No CID.");
        }

        Check.Gives(item.Text("status"), Parse, "parsing");
    }
}
