using System.Buffers.Binary;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Entropy;

/// <summary>
/// What somebody holds of the stripes in a range, added up: sums of several members are added to the sum of all, so that one number says
/// whether every blob is held exactly once. Immutable.
/// </summary>
/// <param name="Total">The sum, modulo 2^128, of <see cref="Of"/> of every blob held.</param>
/// <param name="Stripes">Stripes of which the descriptor is held.</param>
internal readonly record struct RangeSum(UInt128 Total, long Stripes)
{
    /// <summary>Bytes of the encoding: the total, the count in four bytes.</summary>
    public const int EncodedLength = 16 + sizeof(uint);

    /// <summary>
    /// What holding a blob of a stripe adds: the first 16 bytes of SHA-256("held" ‖ stripe ‖ blob). Sums rather than exclusive-ors, so that
    /// three copies are not one.
    /// </summary>
    public static UInt128 Of(in BlobId stripe, in BlobId blob)
    {
        Span<byte> input = stackalloc byte[4 + (2 * BlobId.Length)];
        "held"u8.CopyTo(input);
        stripe.CopyTo(input[4..]);
        blob.CopyTo(input[(4 + BlobId.Length)..]);
        Span<byte> hash = stackalloc byte[Sha256.HashLength];
        Sha256.Hash(input, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>Both together.</summary>
    public static RangeSum operator +(RangeSum left, RangeSum right) =>
        new(unchecked(left.Total + right.Total), left.Stripes + right.Stripes);

    /// <summary>Writes the encoding; a count past four bytes is written as the largest.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, Total);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], (uint)Math.Clamp(Stripes, 0, uint.MaxValue));
    }

    /// <summary>Reads the encoding.</summary>
    public static RangeSum Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(source), BinaryPrimitives.ReadUInt32BigEndian(source[16..]));
}
