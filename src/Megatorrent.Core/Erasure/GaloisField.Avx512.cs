using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Megatorrent.Core.Erasure;

internal static partial class GaloisField
{
    private static void AddAvx512Kernel(List<GaloisKernel> kernels)
    {
        if (Avx512BW.IsSupported)
            kernels.Add(new VectorKernel<Avx512Operations, Vector512<byte>>());
    }

    /// <summary>Products by two byte shuffles (<c>vpshufb</c>), which look up 64 half-bytes at a time in a table of 16.</summary>
    private readonly unsafe struct Avx512Operations : IVectorOperations<Vector512<byte>>
    {
        public static KernelKind Kind => KernelKind.Avx512;

        public static int Width => 64;

        public static int Parts => 2;

        public static int PartLength => 16;

        public static void Prepare(byte coefficient, Span<byte> destination) => WriteNibbleTables(coefficient, destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Load(byte* source) => Avx512F.LoadVector512(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(byte* destination, Vector512<byte> value) => Avx512F.Store(destination, value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> LoadPart(byte* source) => Avx512F.BroadcastVector128ToVector512((uint*)source).AsByte();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Low(Vector512<byte> value) => value & Vector512.Create((byte)0x0f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> High(Vector512<byte> value) =>
            Avx512BW.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & Vector512.Create((byte)0x0f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Multiply(Vector512<byte> part, Vector512<byte> value) => Avx512BW.Shuffle(part, value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;
    }
}
