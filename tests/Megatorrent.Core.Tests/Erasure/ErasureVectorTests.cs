using System.Security.Cryptography;
using System.Text.Json;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>Replays tests/vectors/erasure.json, which every language binding replays too.</summary>
public class ErasureVectorTests
{
    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Every_case_gives_the_recorded_parity(string kernel)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(FindVectors()));
        Assert.Equal(GaloisField.Polynomial, document.RootElement.GetProperty("polynomial").GetInt32());
        JsonElement cases = document.RootElement.GetProperty("cases");
        Assert.Equal(7, cases.GetArrayLength());
        foreach (JsonElement vector in cases.EnumerateArray())
            Replay(vector, Kernels.Find(kernel));
    }

    private static void Replay(JsonElement vector, GaloisKernel kernel)
    {
        string name = vector.GetProperty("name").GetString()!;
        int dataShards = vector.GetProperty("dataShards").GetInt32(), parityShards = vector.GetProperty("parityShards").GetInt32();
        int shardLength = vector.GetProperty("shardLength").GetInt32();
        byte[][] data = MakeData(vector);
        Assert.Equal(dataShards, data.Length);
        Assert.Equal(vector.GetProperty("dataSha256").GetString(), Hash([.. data.SelectMany(shard => shard)]));

        var code = new ReedSolomon(dataShards, parityShards, kernel);
        byte[][] parity = Stripe.NewParity(code, shardLength);
        code.Encode([.. data.Select(shard => (ReadOnlyMemory<byte>)shard)], ReedSolomonTests.AsMemory(parity));
        Assert.True(vector.GetProperty("allParitySha256").GetString() == Hash([.. parity.SelectMany(shard => shard)]), name);
        for (int r = 0; r < parityShards; r++)
        {
            if (vector.TryGetProperty("paritySha256", out JsonElement hashes))
                Assert.Equal(hashes[r].GetString(), Hash(parity[r]));
            if (vector.TryGetProperty("parity", out JsonElement bytes))
                Assert.Equal(bytes[r].GetString(), Convert.ToHexStringLower(parity[r]));
            if (vector.TryGetProperty("matrix", out JsonElement rows))
            {
                byte[] row = [.. Enumerable.Range(0, dataShards).Select(c => code.EncodeMatrix[r, c])];
                Assert.Equal(rows[r].GetString(), Convert.ToHexStringLower(row));
            }
        }

        if (vector.TryGetProperty("data", out JsonElement expectedData))
            Assert.Equal(expectedData.EnumerateArray().Select(shard => shard.GetString()), data.Select(Convert.ToHexStringLower));
    }

    private static byte[][] MakeData(JsonElement vector)
    {
        uint state = vector.GetProperty("seed").GetUInt32();
        byte[][] data = [.. vector.GetProperty("dataLengths").EnumerateArray().Select(length => new byte[length.GetInt32()])];
        foreach (byte[] shard in data)
        {
            for (int i = 0; i < shard.Length; i++)
            {
                state = unchecked(state * 1664525 + 1013904223);
                shard[i] = (byte)(state >> 24);
            }
        }

        return data;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string FindVectors()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "tests", "vectors", "erasure.json");
            if (File.Exists(candidate))
                return candidate;
        }

        throw new FileNotFoundException("tests/vectors/erasure.json is not above the test assembly.");
    }
}
