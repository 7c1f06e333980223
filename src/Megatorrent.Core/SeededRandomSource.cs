using System.Buffers.Binary;

namespace Megatorrent.Core;

/// <summary>
/// A reproducible random source (SplitMix64) for simulations and tests: one seed, one sequence, on every platform.
/// Never for keys in the product.
/// </summary>
public sealed class SeededRandomSource(ulong seed) : IRandomSource
{
    private readonly Lock _gate = new();
    private ulong _state = seed;

    /// <inheritdoc/>
    public void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        lock (_gate)
        {
            while (destination.Length > 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
                int count = Math.Min(8, destination.Length);
                word[..count].CopyTo(destination);
                destination = destination[count..];
            }
        }
    }

    // SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
