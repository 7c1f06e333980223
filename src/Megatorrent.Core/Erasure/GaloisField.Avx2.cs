using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Megatorrent.Core.Erasure;

internal static partial class GaloisField
{
    private static void AddAvx2Kernel(List<GaloisKernel> kernels)
    {
        if (Avx2.IsSupported)
            kernels.Add(new VectorKernel<Avx2Operations, Vector256<byte>>());
    }

    /// <summary>Products by two byte shuffles (<c>vpshufb</c>), which look up 32 half-bytes at a time in a table of 16.</summary>
    private readonly unsafe struct Avx2Operations : IVectorOperations<Vector256<byte>>
    {
        public static KernelKind Kind => KernelKind.Avx2;

        public static int Width => 32;

        public static int Parts => 2;

        public static int PartLength => 16;

        public static void Prepare(byte coefficient, Span<byte> destination) => WriteNibbleTables(coefficient, destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Load(byte* source) => Avx.LoadVector256(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(byte* destination, Vector256<byte> value) => Avx.Store(destination, value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> LoadPart(byte* source) => Avx2.BroadcastVector128ToVector256(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Low(Vector256<byte> value) => Avx2.And(value, Vector256.Create((byte)0x0f));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> High(Vector256<byte> value) =>
            Avx2.And(Avx2.ShiftRightLogical(value.AsUInt16(), 4).AsByte(), Vector256.Create((byte)0x0f));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Multiply(Vector256<byte> part, Vector256<byte> value) => Avx2.Shuffle(part, value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Xor(Vector256<byte> left, Vector256<byte> right) => Avx2.Xor(left, right);
    }
}
