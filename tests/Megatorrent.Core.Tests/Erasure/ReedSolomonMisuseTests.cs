using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

public unsafe class ReedSolomonMisuseTests
{
    [Theory]
    [InlineData(0, 2, "at least 1")]
    [InlineData(-1, 2, "at least 1")]
    [InlineData(4, -1, "at least 0")]
    [InlineData(200, 100, "at most 255")]
    [InlineData(255, 1, "at most 255")]
    [InlineData(1, 255, "at most 255")]
    [InlineData(int.MaxValue, int.MaxValue, "at most 255")]
    public void A_scheme_beyond_a_limit_names_the_scheme_and_the_limit(int dataShards, int parityShards, string limit)
    {
        foreach (Action make in new Action[]
        {
            () => _ = new ReedSolomon(dataShards, parityShards),
            () => _ = new ReedSolomon(dataShards, parityShards, KernelKind.Scalar),
            () => _ = ReedSolomon.Get(dataShards, parityShards),
        })
        {
            var error = Assert.Throws<MegatorrentException>(make);
            Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
            Assert.Contains($"{dataShards}+{parityShards}", error.Message);
            Assert.Contains(limit, error.Message);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(255, 0)]
    [InlineData(1, 254)]
    [InlineData(254, 1)]
    public void A_scheme_at_a_limit_is_made(int dataShards, int parityShards)
    {
        var code = new ReedSolomon(dataShards, parityShards);
        Assert.Equal(dataShards, code.DataShards);
        Assert.Equal(parityShards, code.ParityShards);
        Assert.Equal(dataShards + parityShards, code.TotalShards);
    }

    [Fact]
    public void Encode_refuses_wrong_counts_and_lengths_and_writes_nothing()
    {
        var code = new ReedSolomon(2, 2);
        byte[] parity0 = [7, 7, 7, 7], parity1 = [7, 7, 7, 7];
        ReadOnlyMemory<byte> four = new byte[4];
        Refused("2 data shards are needed, not 1", () => code.Encode([four], [parity0, parity1]));
        Refused("2 parity shards are needed, not 3", () => code.Encode([four, four], [parity0, parity1, parity0]));
        Refused("Shard 1 has 5 bytes: at most 4", () => code.Encode([four, new byte[5]], [parity0, parity1]));
        Refused("shard 2 has 4 bytes and shard 3 has 3", () => code.Encode([four, four], [parity0, parity1.AsMemory(1)]));
        Assert.All(parity0.Concat(parity1), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Verify_refuses_wrong_counts_and_lengths()
    {
        var code = new ReedSolomon(2, 1);
        ReadOnlyMemory<byte> four = new byte[4];
        Refused("3 shards are needed, not 2", () => code.Verify([four, four], 4));
        Refused("Shard 2 has 5 bytes: at most 4", () => code.Verify([four, four, new byte[5]], 4));
        Refused("at most -1", () => code.Verify([four, four, four], -1));
    }

    [Fact]
    public void Reconstruct_refuses_wrong_counts_lengths_and_too_few_and_writes_nothing()
    {
        var code = new ReedSolomon(2, 2);
        byte[] a = [7, 7, 7, 7], b = [7, 7, 7, 7], c = [7, 7, 7, 7], d = [7, 7, 7, 7];
        Refused("4 shards are needed, not 3", () => code.Reconstruct([a, b, c], [true, true, false, false], 4));
        Refused("4 flags are needed, not 2", () => code.Reconstruct([a, b, c, d], [true, true], 4));
        Refused("Shard 0 has 4 bytes: at most 3", () => code.Reconstruct([a, b, c, d], [true, true, false, false], 3));
        Refused("Shard 3 has 5 bytes: at most 4", () => code.Reconstruct([a, b, c, new byte[5]], [true, true, true, false], 4));
        var error = Assert.Throws<MegatorrentException>(() => code.Reconstruct([a, b, c, d], [false, true, false, false], 4));
        Assert.Equal(ErrorKind.NotEnoughBlobs, error.Kind);
        Assert.Contains("Only 1 of 4 shards are present: any 2", error.Message);
        Assert.All(a.Concat(b).Concat(c).Concat(d), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Update_refuses_wrong_indices_counts_and_lengths_and_writes_nothing()
    {
        var code = new ReedSolomon(2, 2);
        byte[] a = [7, 7, 7, 7], b = [7, 7, 7, 7];
        byte[] data = [1, 2, 3, 4];
        Refused("no data shard 2", () => code.Update(2, data, data, [a, b]));
        Refused("no data shard -1", () => code.Update(-1, data, data, [a, b]));
        Refused("2 parity shards are needed, not 1", () => code.Update(0, data, data, [a]));
        Refused("at most 4", () => code.Update(0, data, new byte[5], [a, b]));
        Refused("at most 3", () => code.Update(0, data, data, [a, b.AsMemory(1)]));
        Assert.All(a.Concat(b), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Null_pointers_are_named()
    {
        var code = new ReedSolomon(2, 1);
        byte* bytes = stackalloc byte[16];
        byte** shards = stackalloc byte*[3] { bytes, null, bytes + 8 };
        Refused("Shard 1 is null", () => code.Encode(shards, shards + 2, 8));
        Refused("Shard 1 is null", () => code.Verify(shards, 8));
        Refused("Shard 1 is null", () => code.Reconstruct(shards, new byte[] { 1, 1, 0 }, 8));
        shards[1] = bytes;
        Refused("array of shards is null", () => code.Encode(null, shards + 2, 8));
        Refused("array of shards is null", () => code.Encode(shards, null, 8));
        Refused("array of shards is null", () => code.Verify((byte**)null, 8));
        Refused("array of shards is null", () => code.Reconstruct((byte**)null, new byte[3], 8));
        Refused("3 flags are needed, not 2", () => code.Reconstruct(shards, new byte[2], 8));
        Refused("array of shards is null", () => code.Update(0, bytes, bytes, null, 8));
        Refused("Shard 0 is null", () => code.Update(0, null, bytes, shards + 2, 8));
        Refused("Shard 1 is null", () => code.Update(1, bytes, null, shards + 2, 8));
        Refused("no data shard 2", () => code.Update(2, bytes, bytes, shards + 2, 8));
    }

    private static void Refused(string message, Action action)
    {
        var error = Assert.Throws<MegatorrentException>(action);
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(message, error.Message);
    }
}
