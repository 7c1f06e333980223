using System.Security.Cryptography;
using Megatorrent.Core.Crypto;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// SHA-1 (FIPS 180-4) of many messages, for BitTorrent v1 alone: it no longer resists collisions and names nothing of ours. Thread-safe.
/// </summary>
public static class Sha1
{
    /// <summary>Bytes in a hash.</summary>
    public const int HashLength = 20;

    /// <summary>
    /// Hashes every block of <paramref name="data"/>, several at a time where the processor gains by it. <paramref name="destination"/>
    /// takes 20 bytes a block, in order; it may be longer, and may not overlap the data.
    /// </summary>
    /// <param name="data">Blocks end to end; the last may be shorter. No data is no block.</param>
    /// <param name="blockLength">Bytes in a block, from 1.</param>
    /// <param name="destination">Takes ⌈data.Length / blockLength⌉ hashes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blockLength"/> is not positive.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 20 bytes a block.</exception>
    public static void HashBlocks(ReadOnlySpan<byte> data, int blockLength, Span<byte> destination) =>
        HashBlocks(CipherProvider.IsNative && ShaInstructions.AreAvailable, data, blockLength, destination);

    internal static unsafe void HashBlocks(bool native, ReadOnlySpan<byte> data, int blockLength, Span<byte> destination)
    {
        int blockCount = BlockMessages.Count(data.Length, blockLength, HashLength, destination.Length);
        if (native)
        {
            BlockMessages.Hash(data, blockLength, blockCount, HashLength, destination, &Kernel);
            return;
        }

        for (int i = 0; i < blockCount; i++)
        {
            long offset = (long)i * blockLength;
            ReadOnlySpan<byte> block = data.Slice((int)offset, (int)Math.Min(blockLength, data.Length - offset));
            SHA1.HashData(block, destination.Slice(i * HashLength, HashLength));
        }
    }

    private static unsafe void Kernel(byte** messages, ulong* lengths, int count, byte* digests) =>
        ShaInstructions.mtsha_sha1_many(messages, lengths, (nuint)count, digests);
}
