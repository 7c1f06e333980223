using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Megatorrent.Abi.Suite.Checks;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Abi.Suite.Offline;

/// <summary>Reed-Solomon.</summary>
internal static class ErasureBehaviours
{
    private const int AllPatternsShardsMax = 8;
    private const int DrawnPatterns = 20;
    private const uint DrawnSeed = 7;

    /// <summary>The behaviours.</summary>
    public static IEnumerable<Behaviour> All =>
    [
        Behaviour.Of("rs.encode", vectors => ForEach(vectors, Encode)),
        Behaviour.Of("rs.reconstruct", vectors => ForEach(vectors, Reconstruct)),
        Behaviour.Of("rs.reconstruct-some", ReconstructSome),
        Behaviour.Of("rs.too-few", vectors => ForEach(vectors, TooFew)),
        Behaviour.Of("rs.verify", vectors => ForEach(vectors, Verify)),
        Behaviour.Of("rs.update", vectors => ForEach(vectors, Update)),
        Behaviour.Of("rs.limits", Limits),
    ];

    private static void ForEach(VectorFolder vectors, Action<ErasureCase, JsonElement> show)
    {
        foreach ((ErasureCase erasure, JsonElement item) in ErasureCase.All(vectors))
            Check.Named(erasure.Name, () => show(erasure, item));
    }

    private static void Encode(ErasureCase erasure, JsonElement item)
    {
        byte[][] parity = [.. erasure.Shards.Skip(erasure.Code.DataShards)];
        if (item.TryGetProperty("parity", out JsonElement expected))
        {
            int i = 0;
            foreach (JsonElement shard in expected.EnumerateArray())
            {
                Check.Bytes(Convert.FromHexString(shard.GetString()!), parity[i], $"parity shard {i}");
                i++;
            }

            Check.Equal(parity.Length, i, "the number of parity shards");
        }

        Check.Bytes(item.Hex("allParitySha256"), SHA256.HashData([.. parity.SelectMany(shard => shard)]), "the hash of all parity");
    }

    private static void Reconstruct(ErasureCase erasure, JsonElement item)
    {
        int total = erasure.Code.TotalShards, parity = erasure.Code.ParityShards;
        if (total <= AllPatternsShardsMax)
        {
            for (uint lost = 0; lost < 1u << total; lost++)
            {
                if (BitOperations.PopCount(lost) <= parity)
                    Rebuild(erasure, [.. Enumerable.Range(0, total).Select(i => (lost & (1u << i)) == 0)]);
            }

            return;
        }

        var pattern = new Pattern(DrawnSeed);
        for (int i = 0; i < DrawnPatterns; i++)
        {
            bool[] present = [.. Enumerable.Repeat(true, total)];
            for (int lost = 0; lost < parity;)
            {
                int index = pattern.Below(total);
                lost += present[index] ? 1 : 0;
                present[index] = false;
            }

            Rebuild(erasure, present);
        }
    }

    private static void Rebuild(ErasureCase erasure, bool[] present)
    {
        byte[][] shards = erasure.Copy();
        for (int i = 0; i < shards.Length; i++)
        {
            if (!present[i])
                shards[i].AsSpan().Fill(0xAA);
        }

        erasure.Code.Reconstruct([.. shards.Select(shard => (Memory<byte>)shard)], present, erasure.ShardLength);
        for (int i = 0; i < shards.Length; i++)
        {
            Check.Bytes(
                erasure.Shards[i], shards[i], $"shard {i} with {string.Join(", ", Enumerable.Range(0, present.Length).Where(j => !present[j]))} lost");
        }
    }

    private static void ReconstructSome(VectorFolder vectors)
    {
        ErasureCase erasure = ErasureCase.All(vectors).Select(pair => pair.Case).Single(erasure => erasure.Name == "4+2, unequal lengths");
        byte[][] shards = erasure.Copy();
        shards[0].AsSpan().Fill(0xAA);
        bool[] present = [.. Enumerable.Range(0, 6).Select(i => i is not (0 or 5))];
        erasure.Code.Reconstruct([.. shards.Select((shard, i) => i == 5 ? Memory<byte>.Empty : shard)], present, erasure.ShardLength);
        Check.Bytes(erasure.Shards[0], shards[0], "shard 0");
    }

    private static void TooFew(ErasureCase erasure, JsonElement item)
    {
        byte[][] shards = erasure.Copy();
        bool[] present = [.. shards.Select((_, i) => i > erasure.Code.ParityShards)];
        for (int i = 0; i <= erasure.Code.ParityShards; i++)
            shards[i].AsSpan().Fill(0xAA);
        byte[][] before = [.. shards.Select(shard => (byte[])shard.Clone())];
        Check.Gives(
            "MT_ERROR_NOT_ENOUGH_SHARDS",
            () => erasure.Code.Reconstruct([.. shards.Select(shard => (Memory<byte>)shard)], present, erasure.ShardLength),
            "rebuilding");
        for (int i = 0; i < shards.Length; i++)
            Check.Bytes(before[i], shards[i], $"shard {i} afterwards");
    }

    private static void Verify(ErasureCase erasure, JsonElement item)
    {
        byte[][] shards = erasure.Copy();
        bool Right() => erasure.Code.Verify([.. shards.Select(shard => (ReadOnlyMemory<byte>)shard)], erasure.ShardLength);
        Check.That(Right(), "right shards do not verify");
        for (int i = 0; i < shards.Length; i++)
        {
            shards[i][erasure.ShardLength / 2] ^= 1;
            Check.That(!Right(), $"a wrong shard {i} verifies");
            shards[i][erasure.ShardLength / 2] ^= 1;
        }

        Check.That(Right(), "restored shards do not verify");
    }

    private static void Update(ErasureCase erasure, JsonElement item)
    {
        int data = erasure.Code.DataShards;
        for (int index = 0; index < Math.Min(data, 8) && erasure.Code.ParityShards > 0; index++)
        {
            byte[][] fresh = erasure.Copy();
            foreach (ref byte value in fresh[index].AsSpan())
                value ^= 0x5A;
            erasure.Encode(fresh);
            byte[][] updated = erasure.Copy();
            erasure.Code.Update(index, erasure.Shards[index], fresh[index], [.. updated.Skip(data).Select(shard => (Memory<byte>)shard)]);
            for (int i = data; i < fresh.Length; i++)
                Check.Bytes(fresh[i], updated[i], $"shard {i} after an update of {index}");
        }
    }

    private static void Limits(VectorFolder vectors)
    {
        foreach ((int data, int parity) in ((int, int)[])[(0, 2), (200, 56), (255, 1), (1, 255)])
            Check.Gives("MT_ERROR_INVALID_ARGUMENT", () => _ = new ReedSolomon(data, parity), $"{data}+{parity}");
        foreach ((int data, int parity) in ((int, int)[])[(1, 0), (255, 0), (128, 127)])
            Check.Equal(data + parity, new ReedSolomon(data, parity).TotalShards, $"shards of {data}+{parity}");
        var code = new ReedSolomon(4, 2);
        Memory<byte> none = Memory<byte>.Empty;
        code.Encode([none, none, none, none], [none, none]);
        Check.That(code.Verify([none, none, none, none, none, none], 0), "nothing does not verify");
        Check.Gives(
            "MT_ERROR_INVALID_ARGUMENT",
            () => code.Encode([new byte[8], new byte[8], new byte[8], new byte[8]], [new byte[8], new byte[7]]),
            "unequal parity");
        Check.Gives(
            "MT_ERROR_INVALID_ARGUMENT",
            () => code.Encode([new byte[8], new byte[8], new byte[9], new byte[8]], [new byte[8], new byte[8]]),
            "data longer than parity");
        Check.Gives("MT_ERROR_INVALID_ARGUMENT", () => code.Encode([new byte[8]], [new byte[8], new byte[8]]), "too few shards");
    }
}
