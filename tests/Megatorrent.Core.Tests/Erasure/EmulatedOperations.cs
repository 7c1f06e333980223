using System.Runtime.Intrinsics;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

/// <summary>
/// The vector operations that few machines have, done byte by byte as Intel's manual defines the instructions. With them the
/// shared loop, its tails at every width and the affine matrices are tested where AVX-512 and GFNI are missing.
/// </summary>
internal static class Emulation
{
    internal static GaloisKernel Shuffle512 { get; } = new VectorKernel<EmulatedShuffle512, Vector512<byte>>();

    internal static GaloisKernel Affine256 { get; } = new VectorKernel<EmulatedAffine256, Vector256<byte>>();

    internal static GaloisKernel Affine512 { get; } = new VectorKernel<EmulatedAffine512, Vector512<byte>>();

    /// <summary>VPSHUFB: in each 128-bit lane, an index with bit 7 gives zero, any other the byte at its low four bits.</summary>
    internal static void Shuffle(ReadOnlySpan<byte> table, ReadOnlySpan<byte> indices, Span<byte> result)
    {
        for (int i = 0; i < result.Length; i++)
            result[i] = (indices[i] & 0x80) != 0 ? (byte)0 : table[(i & ~15) + (indices[i] & 15)];
    }

    /// <summary>
    /// VGF2P8AFFINEQB with immediate 0: bit i of a byte is the parity of the byte AND byte 7-i of the matrix in its quadword.
    /// </summary>
    internal static void Affine(ReadOnlySpan<byte> values, ReadOnlySpan<byte> matrices, Span<byte> result)
    {
        for (int at = 0; at < result.Length; at++)
        {
            byte made = 0;
            for (int bit = 0; bit < 8; bit++)
                made |= (byte)((int.PopCount(matrices[(at & ~7) + 7 - bit] & values[at]) & 1) << bit);
            result[at] = made;
        }
    }

    /// <summary>VPSRLW by 4, then VPANDQ with 0x0f in every byte.</summary>
    internal static void HighHalves(ReadOnlySpan<byte> values, Span<byte> result)
    {
        for (int i = 0; i < result.Length; i += 2)
        {
            int word = (values[i] | values[i + 1] << 8) >> 4;
            result[i] = (byte)(word & 0x0f);
            result[i + 1] = (byte)(word >> 8 & 0x0f);
        }
    }
}

internal readonly unsafe struct EmulatedShuffle512 : IVectorOperations<Vector512<byte>>
{
    public static KernelKind Kind => KernelKind.Avx512;

    public static int Width => 64;

    public static int Parts => 2;

    public static int PartLength => 16;

    public static void Prepare(byte coefficient, Span<byte> destination) => GaloisField.WriteNibbleTables(coefficient, destination);

    public static Vector512<byte> Load(byte* source) => Vector512.Create(new ReadOnlySpan<byte>(source, 64));

    public static void Store(byte* destination, Vector512<byte> value) => value.CopyTo(new Span<byte>(destination, 64));

    public static Vector512<byte> LoadPart(byte* source)
    {
        Span<byte> lanes = stackalloc byte[64];
        for (int i = 0; i < 64; i++)
            lanes[i] = source[i & 15];
        return Vector512.Create((ReadOnlySpan<byte>)lanes);
    }

    public static Vector512<byte> Low(Vector512<byte> value) => value & Vector512.Create((byte)0x0f);

    public static Vector512<byte> High(Vector512<byte> value)
    {
        Span<byte> bytes = stackalloc byte[64], halves = stackalloc byte[64];
        value.CopyTo(bytes);
        Emulation.HighHalves(bytes, halves);
        return Vector512.Create((ReadOnlySpan<byte>)halves);
    }

    public static Vector512<byte> Multiply(Vector512<byte> part, Vector512<byte> value)
    {
        Span<byte> table = stackalloc byte[64], indices = stackalloc byte[64], result = stackalloc byte[64];
        part.CopyTo(table);
        value.CopyTo(indices);
        Emulation.Shuffle(table, indices, result);
        return Vector512.Create((ReadOnlySpan<byte>)result);
    }

    public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;
}

internal readonly unsafe struct EmulatedAffine512 : IVectorOperations<Vector512<byte>>
{
    public static KernelKind Kind => KernelKind.Gfni512;

    public static int Width => 64;

    public static int Parts => 1;

    public static int PartLength => 8;

    public static void Prepare(byte coefficient, Span<byte> destination) => GaloisField.WriteAffineMatrix(coefficient, destination);

    public static Vector512<byte> Load(byte* source) => Vector512.Create(new ReadOnlySpan<byte>(source, 64));

    public static void Store(byte* destination, Vector512<byte> value) => value.CopyTo(new Span<byte>(destination, 64));

    public static Vector512<byte> LoadPart(byte* source) => Vector512.Create(*(ulong*)source).AsByte();

    public static Vector512<byte> Low(Vector512<byte> value) => value;

    public static Vector512<byte> High(Vector512<byte> value) => throw new InvalidOperationException("An affine product has one part.");

    public static Vector512<byte> Multiply(Vector512<byte> part, Vector512<byte> value)
    {
        Span<byte> matrices = stackalloc byte[64], values = stackalloc byte[64], result = stackalloc byte[64];
        part.CopyTo(matrices);
        value.CopyTo(values);
        Emulation.Affine(values, matrices, result);
        return Vector512.Create((ReadOnlySpan<byte>)result);
    }

    public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;
}

internal readonly unsafe struct EmulatedAffine256 : IVectorOperations<Vector256<byte>>
{
    public static KernelKind Kind => KernelKind.Gfni256;

    public static int Width => 32;

    public static int Parts => 1;

    public static int PartLength => 8;

    public static void Prepare(byte coefficient, Span<byte> destination) => GaloisField.WriteAffineMatrix(coefficient, destination);

    public static Vector256<byte> Load(byte* source) => Vector256.Create(new ReadOnlySpan<byte>(source, 32));

    public static void Store(byte* destination, Vector256<byte> value) => value.CopyTo(new Span<byte>(destination, 32));

    public static Vector256<byte> LoadPart(byte* source) => Vector256.Create(*(ulong*)source).AsByte();

    public static Vector256<byte> Low(Vector256<byte> value) => value;

    public static Vector256<byte> High(Vector256<byte> value) => throw new InvalidOperationException("An affine product has one part.");

    public static Vector256<byte> Multiply(Vector256<byte> part, Vector256<byte> value)
    {
        Span<byte> matrices = stackalloc byte[32], values = stackalloc byte[32], result = stackalloc byte[32];
        part.CopyTo(matrices);
        value.CopyTo(values);
        Emulation.Affine(values, matrices, result);
        return Vector256.Create((ReadOnlySpan<byte>)result);
    }

    public static Vector256<byte> Xor(Vector256<byte> left, Vector256<byte> right) => left ^ right;
}
