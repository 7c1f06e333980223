using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Megatorrent.Core.Erasure;

internal static partial class GaloisField
{
    private static void AddVector128Kernel(List<GaloisKernel> kernels)
    {
        if (Ssse3.IsSupported || AdvSimd.Arm64.IsSupported)
            kernels.Add(new VectorKernel<Vector128Operations, Vector128<byte>>());
    }

    /// <summary>
    /// Products by two byte shuffles (<c>pshufb</c> or <c>tbl</c>), which look up 16 half-bytes at a time in a table of 16.
    /// </summary>
    private readonly unsafe struct Vector128Operations : IVectorOperations<Vector128<byte>>
    {
        public static KernelKind Kind => KernelKind.Vector128;

        public static int Width => 16;

        public static int Parts => 2;

        public static int PartLength => 16;

        public static void Prepare(byte coefficient, Span<byte> destination) => WriteNibbleTables(coefficient, destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Load(byte* source) => Vector128.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(byte* destination, Vector128<byte> value) => value.Store(destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> LoadPart(byte* source) => Vector128.Load(source);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Low(Vector128<byte> value) => value & Vector128.Create((byte)0x0f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> High(Vector128<byte> value) =>
            Vector128.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & Vector128.Create((byte)0x0f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Multiply(Vector128<byte> part, Vector128<byte> value) =>
            Ssse3.IsSupported ? Ssse3.Shuffle(part, value) : AdvSimd.Arm64.VectorTableLookup(part, value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Xor(Vector128<byte> left, Vector128<byte> right) => left ^ right;
    }
}
