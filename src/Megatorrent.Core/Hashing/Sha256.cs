using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Megatorrent.Core.Hashing;

/// <summary>SHA-256 (FIPS 180-4), one message at a time and many at once. Thread-safe.</summary>
public static class Sha256
{
    /// <summary>Bytes in a hash.</summary>
    public const int HashLength = 32;

    /// <summary>
    /// What hashes here, for logs: <c>sha-ni</c> (the processor's SHA instructions), the instruction set of the lanes that hash many
    /// messages (<c>avx512</c>), both (<c>sha-ni+avx512</c>), or <c>.net</c>.
    /// </summary>
    public static string Name => MultiBufferSha256.Name;

    // Up to here the cost of .NET's call into OpenSSL (0.4 µs) is worth saving: 64 bytes take 0.2 instead of 0.6 µs.
    private const int SmallLength = 4096;

    /// <summary>Writes the SHA-256 of <paramref name="data"/> to the first 32 bytes of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public static unsafe void Hash(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        if (data.Length > SmallLength || !MultiBufferSha256.HasShaInstructions)
        {
            SHA256.HashData(data, destination);
            return;
        }
        BlockMessages.CheckDestination(1, HashLength, destination.Length);
        fixed (byte* message = data, digest = destination)
        {
            ulong length = (ulong)data.Length;
            MultiBufferSha256.Hash(MultiBufferKind.ShaInstructions, &message, &length, 1, digest);
        }
    }

    /// <summary>
    /// Hashes every input, several at a time where the processor gains by it; the lengths may differ. <paramref name="destination"/> takes
    /// 32 bytes an input, in order; it may be longer, and may not overlap an input.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes an input.</exception>
    public static unsafe void HashMany(ReadOnlySpan<ReadOnlyMemory<byte>> inputs, Span<byte> destination)
    {
        BlockMessages.CheckDestination(inputs.Length, HashLength, destination.Length);
        byte** messages = stackalloc byte*[BlockMessages.BatchCount];
        ulong* lengths = stackalloc ulong[BlockMessages.BatchCount];
        var pins = default(Pins);
        for (int start = 0; start < inputs.Length; start += BlockMessages.BatchCount)
        {
            ReadOnlySpan<ReadOnlyMemory<byte>> batch = inputs.Slice(start, Math.Min(BlockMessages.BatchCount, inputs.Length - start));
            int pinned = 0;
            try
            {
                for (; pinned < batch.Length; pinned++)
                {
                    pins[pinned] = batch[pinned].Pin();
                    messages[pinned] = (byte*)pins[pinned].Pointer;
                    lengths[pinned] = (ulong)batch[pinned].Length;
                }
                fixed (byte* digests = destination[(start * HashLength)..])
                    MultiBufferSha256.Hash(messages, lengths, batch.Length, digests);
            }
            finally
            {
                while (pinned > 0)
                    pins[--pinned].Dispose();
            }
        }
    }

    /// <summary>
    /// Hashes every block of <paramref name="data"/>, several at a time where the processor gains by it. <paramref name="destination"/>
    /// takes 32 bytes a block, in order; it may be longer, and may not overlap the data.
    /// </summary>
    /// <param name="data">Blocks end to end; the last may be shorter. No data is no block.</param>
    /// <param name="blockLength">Bytes in a block, from 1.</param>
    /// <param name="destination">Takes ⌈data.Length / blockLength⌉ hashes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blockLength"/> is not positive.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes a block.</exception>
    public static unsafe void HashBlocks(ReadOnlySpan<byte> data, int blockLength, Span<byte> destination)
    {
        int blockCount = BlockMessages.Count(data.Length, blockLength, HashLength, destination.Length);
        BlockMessages.Hash(data, blockLength, blockCount, HashLength, destination, &MultiBufferSha256.Hash);
    }

    [InlineArray(BlockMessages.BatchCount)]
    private struct Pins
    {
        private MemoryHandle _first;
    }
}
