#if NET10_0_OR_GREATER
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
#endif

namespace Megatorrent.Core.Erasure;

internal static partial class GaloisField
{
#if NET10_0_OR_GREATER
    private static void AddGfniKernels(List<GaloisKernel> kernels)
    {
        if (Gfni.V512.IsSupported)
            kernels.Add(new VectorKernel<Gfni512Operations, Vector512<byte>>());
        if (Gfni.V256.IsSupported)
            kernels.Add(new VectorKernel<Gfni256Operations, Vector256<byte>>());
    }

    // GFNI's own multiplication is fixed to the polynomial 0x11b; its affine transformation multiplies in any field.

    /// <summary>Products by one bit-matrix multiplication (<c>vgf2p8affineqb</c>) of 32 bytes.</summary>
    private readonly unsafe struct Gfni256Operations : IVectorOperations<Vector256<byte>>
    {
        public static KernelKind Kind => KernelKind.Gfni256;

        public static int Width => 32;

        public static int Parts => 1;

        public static int PartLength => 8;

        public static void Prepare(byte coefficient, Span<byte> destination) => WriteAffineMatrix(coefficient, destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Load(byte* source) => Vector256.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(byte* destination, Vector256<byte> value) => value.Store(destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> LoadPart(byte* source) => Vector256.Create(*(ulong*)source).AsByte();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Low(Vector256<byte> value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> High(Vector256<byte> value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Multiply(Vector256<byte> part, Vector256<byte> value) =>
            Gfni.V256.GaloisFieldAffineTransform(value, part, 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Xor(Vector256<byte> left, Vector256<byte> right) => left ^ right;
    }

    /// <summary>Products by one bit-matrix multiplication (<c>vgf2p8affineqb</c>) of 64 bytes.</summary>
    private readonly unsafe struct Gfni512Operations : IVectorOperations<Vector512<byte>>
    {
        public static KernelKind Kind => KernelKind.Gfni512;

        public static int Width => 64;

        public static int Parts => 1;

        public static int PartLength => 8;

        public static void Prepare(byte coefficient, Span<byte> destination) => WriteAffineMatrix(coefficient, destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Load(byte* source) => Vector512.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(byte* destination, Vector512<byte> value) => value.Store(destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> LoadPart(byte* source) => Vector512.Create(*(ulong*)source).AsByte();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Low(Vector512<byte> value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> High(Vector512<byte> value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Multiply(Vector512<byte> part, Vector512<byte> value) =>
            Gfni.V512.GaloisFieldAffineTransform(value, part, 0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;
    }
#else
    // The GFNI intrinsics came with .NET 10.
    private static void AddGfniKernels(List<GaloisKernel> kernels)
    {
    }
#endif
}
