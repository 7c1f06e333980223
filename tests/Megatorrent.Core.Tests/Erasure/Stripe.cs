using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>A stripe of seeded shards with parity worked out the slow way, straight from the definition.</summary>
internal sealed class Stripe
{
    private Stripe(int dataShards, int parityShards, int shardLength, byte[][] shards)
    {
        DataShards = dataShards;
        ParityShards = parityShards;
        ShardLength = shardLength;
        Shards = shards;
    }

    internal int DataShards { get; }

    internal int ParityShards { get; }

    internal int ShardLength { get; }

    internal byte[][] Shards { get; }

    internal int TotalShards => DataShards + ParityShards;

    internal static Stripe Create(ulong seed, int dataShards, int parityShards, int shardLength) =>
        Create(seed, dataShards, parityShards, shardLength, _ => shardLength);

    internal static Stripe Create(ulong seed, int dataShards, int parityShards, int shardLength, Func<int, int> dataLength)
    {
        var random = new SeededRandomSource(seed);
        byte[][] shards = new byte[dataShards + parityShards][];
        for (int c = 0; c < dataShards; c++)
            random.Fill(shards[c] = new byte[dataLength(c)]);
        for (int r = 0; r < parityShards; r++)
        {
            byte[] parity = shards[dataShards + r] = new byte[shardLength];
            for (int c = 0; c < dataShards; c++)
            {
                byte coefficient = SlowField.Inverse((byte)((dataShards + r) ^ c));
                byte[] products = SlowField.Products(coefficient);
                for (int i = 0; i < shards[c].Length; i++)
                    parity[i] ^= products[shards[c][i]];
            }
        }

        return new Stripe(dataShards, parityShards, shardLength, shards);
    }

    internal ReadOnlyMemory<byte>[] Data() => [.. Shards.Take(DataShards).Select(shard => (ReadOnlyMemory<byte>)shard)];

    internal ReadOnlyMemory<byte>[] All() => [.. Shards.Select(shard => (ReadOnlyMemory<byte>)shard)];

    /// <summary>Copies of all shards; those that are lost are full of rubbish, data as long as it was.</summary>
    internal Memory<byte>[] Damaged(IEnumerable<int> lost)
    {
        Memory<byte>[] copies = [.. Shards.Select(shard => (Memory<byte>)shard.ToArray())];
        foreach (int index in lost)
            copies[index].Span.Fill(0xa5);
        return copies;
    }

    internal bool[] Present(IEnumerable<int> lost) => [.. Enumerable.Range(0, TotalShards).Select(index => !lost.Contains(index))];

    internal void AssertWhole(Memory<byte>[] shards, string context)
    {
        for (int i = 0; i < shards.Length; i++)
            Assert.True(shards[i].Span.SequenceEqual(Shards[i]), $"{context}: shard {i} differs");
    }

    internal static byte[][] NewParity(ReedSolomon code, int shardLength)
    {
        byte[][] parity = new byte[code.ParityShards][];
        for (int i = 0; i < parity.Length; i++)
        {
            parity[i] = new byte[shardLength];
            parity[i].AsSpan().Fill(0xa5);
        }

        return parity;
    }
}
