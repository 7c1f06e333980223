using System.Buffers.Binary;

namespace Megatorrent.Core;

/// <summary>Numbers out of an <see cref="IRandomSource"/>, for choices and jitter.</summary>
public static class RandomSourceExtensions
{
    /// <summary>A uniform integer in [0, <paramref name="exclusiveMax"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is not positive.</exception>
    public static int Next(this IRandomSource source, int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        Span<byte> bytes = stackalloc byte[8];
        source.Fill(bytes);
        return (int)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) % (uint)exclusiveMax); // bias below 2^-32
    }

    /// <summary>A uniform number in [0, 1).</summary>
    public static double NextDouble(this IRandomSource source)
    {
        Span<byte> bytes = stackalloc byte[8];
        source.Fill(bytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) * (1.0 / (1ul << 53));
    }
}
