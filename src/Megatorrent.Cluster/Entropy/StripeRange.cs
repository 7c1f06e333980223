using System.Buffers.Binary;
using System.Numerics;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Entropy;

/// <summary>Every stripe id that begins with the same bits. Immutable.</summary>
/// <param name="Depth">How many bits, 0 to 64.</param>
/// <param name="Prefix">The bits, at the high end; the rest is 0.</param>
internal readonly record struct StripeRange(int Depth, ulong Prefix)
{
    /// <summary>Bytes of the encoding: the depth, the prefix.</summary>
    public const int EncodedLength = 1 + sizeof(ulong);

    /// <summary>The deepest that is asked for; ids that agree in so many bits are listed together.</summary>
    public const int DepthMax = 60;

    /// <summary>All stripes.</summary>
    public static StripeRange Everything { get; } = new(0, 0);

    /// <summary>The last key that is in the range.</summary>
    public ulong Last => Depth == 64 ? Prefix : Prefix | (ulong.MaxValue >> Depth);

    /// <summary>The first 64 bits of a stripe id.</summary>
    public static ulong KeyOf(in BlobId stripe) => BinaryPrimitives.ReadUInt64BigEndian(BlobId.AsSpan(in stripe));

    /// <summary>One of the 2^<paramref name="bits"/> parts of the range.</summary>
    public StripeRange Part(int bits, int index) =>
        bits == 0 ? this : new StripeRange(Depth + bits, Prefix | ((ulong)index << (64 - Depth - bits)));

    /// <summary>Whether the bits behind the prefix are 0 and the depth is one that is asked for.</summary>
    public bool IsValid() =>
        Depth is >= 0 and <= DepthMax && (Depth == 0 ? Prefix == 0 : BitOperations.TrailingZeroCount(Prefix) >= 64 - Depth);
}
