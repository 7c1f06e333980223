using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>A case of erasure.json: the code, and the shards that it should have, data filled up with zeros.</summary>
internal sealed class ErasureCase
{
    private ErasureCase(JsonElement item)
    {
        Name = item.Name();
        int data = item.Int32("dataShards"), parity = item.Int32("parityShards");
        ShardLength = item.Int32("shardLength");
        Code = new ReedSolomon(data, parity);
        Shards = [.. Enumerable.Range(0, data + parity).Select(_ => new byte[ShardLength])];
        var pattern = new Pattern(item.UInt32("seed"));
        int[] lengths = [.. item.Items("dataLengths").Select(length => length.GetInt32())];
        for (int i = 0; i < data; i++)
            pattern.Fill(Shards[i].AsSpan(0, lengths[i]));
        Encode(Shards);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The code.</summary>
    public ReedSolomon Code { get; }

    /// <summary>Bytes in every shard.</summary>
    public int ShardLength { get; }

    /// <summary>Data, then parity.</summary>
    public byte[][] Shards { get; }

    /// <summary>All cases.</summary>
    public static IEnumerable<(ErasureCase Case, JsonElement Item)> All(VectorFolder vectors) =>
        vectors.Read("erasure.json").Items("cases").Select(item => (new ErasureCase(item), item));

    /// <summary>A copy of the shards.</summary>
    public byte[][] Copy() => [.. Shards.Select(shard => (byte[])shard.Clone())];

    /// <summary>Computes the parity among <paramref name="shards"/> from the data among them.</summary>
    public void Encode(byte[][] shards) => Code.Encode(
        [.. shards.Take(Code.DataShards).Select(shard => (ReadOnlyMemory<byte>)shard)],
        [.. shards.Skip(Code.DataShards).Select(shard => (Memory<byte>)shard)]);
}
