using Megatorrent.Core.Erasure;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// The erasure code: k, m, which shards are lost, the length of a shard, the data. Every kernel makes the parity of the scalar one, and as
/// many lost shards as there are parity shards come back as they were.
/// </summary>
internal sealed class ErasureTarget() : FuzzTarget("erasure")
{
    private const int DataMax = 20;
    private const int ParityMax = 8;

    /// <summary>Tables of coefficients for every kernel, and the shards themselves, 28 of up to 511 bytes for each.</summary>
    protected override long AllocationFloor => 4 << 20;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 6)
            return;
        int k = 1 + input[0] % DataMax, m = input[1] % (ParityMax + 1), length = 1 + (((input[4] << 8) | input[5]) % 511);
        var random = new Random((input[2] << 8) | input[3]);
        byte[][] shards = new byte[k + m][];
        for (int i = 0; i < shards.Length; i++)
            shards[i] = new byte[length];
        for (int i = 0; i < Math.Min(input.Length - 6, k * length); i++)
            shards[i / length][i % length] = input[6 + i];

        new ReedSolomon(k, m, KernelKind.Scalar).Encode(Memory(shards[..k]), Writable(shards[k..]));
        foreach (KernelKind kernel in ReedSolomon.SupportedKernels)
            Check(new ReedSolomon(k, m, kernel), shards, random);
    }

    private static void Check(ReedSolomon code, byte[][] shards, Random random)
    {
        byte[][] found = [.. shards.Select(static shard => shard.ToArray())];
        foreach (byte[] parity in found[code.DataShards..])
            parity.AsSpan().Fill(0xee);
        code.Encode(Memory(found[..code.DataShards]), Writable(found[code.DataShards..]));
        Compare(shards, found, $"{code.Kernel} encodes {code.DataShards}+{code.ParityShards}");
        FuzzFailure.Unless(code.Verify(Memory(found), found[0].Length), $"{code.Kernel} refuses its own parity");

        int[] order = [.. Enumerable.Range(0, found.Length)];
        random.Shuffle(order);
        bool[] present = [.. Enumerable.Repeat(true, found.Length)];
        foreach (int lost in order.Take(random.Next(code.ParityShards + 1)))
        {
            present[lost] = false;
            found[lost].AsSpan().Fill(0xdd);
        }

        code.Reconstruct(Writable(found), present, found[0].Length);
        Compare(shards, found, $"{code.Kernel} reconstructs {code.DataShards}+{code.ParityShards}");
    }

    private static ReadOnlyMemory<byte>[] Memory(byte[][] shards) => [.. shards.Select(static shard => new ReadOnlyMemory<byte>(shard))];

    private static Memory<byte>[] Writable(byte[][] shards) => [.. shards.Select(static shard => shard.AsMemory())];

    private static void Compare(byte[][] expected, byte[][] found, string what)
    {
        for (int i = 0; i < expected.Length; i++)
            FuzzFailure.UnlessSame(expected[i], found[i], $"{what}, shard {i}");
    }
}
