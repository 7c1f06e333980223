using System.Security.Cryptography;

namespace Megatorrent.Core.Hashing;

/// <summary>SHA-256 (FIPS 180-4), one message at a time and many at once.</summary>
public static class Sha256
{
    /// <summary>Bytes in a hash.</summary>
    public const int HashLength = 32;

    /// <summary>Writes the SHA-256 of <paramref name="data"/> to the first 32 bytes of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> destination) => SHA256.HashData(data, destination);

    /// <summary>
    /// Hashes every input, several at a time where the processor allows it. <paramref name="destination"/> takes
    /// 32 bytes an input, in order.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes an input.</exception>
    public static void HashMany(ReadOnlySpan<ReadOnlyMemory<byte>> inputs, Span<byte> destination)
    {
        for (int i = 0; i < inputs.Length; i++)
            Hash(inputs[i].Span, destination.Slice(i * HashLength, HashLength));
    }
}
