namespace Megatorrent.Core.Erasure;

/// <summary>
/// The field GF(2^8) with the polynomial x^8+x^4+x^3+x^2+1 (0x11d), in which addition is XOR and 2 generates all that is not zero,
/// and the one place that picks the kernel for a processor.
/// </summary>
/// <remarks>
/// The field is that of Plank, "A tutorial on Reed-Solomon coding for fault-tolerance in RAID-like systems" (1997), and of ISA-L.
/// </remarks>
internal static partial class GaloisField
{
    /// <summary>x^8+x^4+x^3+x^2+1, the modulus of multiplication.</summary>
    internal const int Polynomial = 0x11d;

    private const int NonzeroCount = 255;

    // Exponentials[i] = 2^i, written twice over so that the sum of two logarithms needs no reduction.
    private static readonly byte[] Exponentials = new byte[2 * NonzeroCount];
    private static readonly byte[] Logarithms = new byte[256];

    // Fastest first. Each IsSupported is a constant to the JIT and to the AOT compiler.
    private static readonly GaloisKernel[] Kernels;

    static GaloisField()
    {
        int power = 1;
        for (int i = 0; i < NonzeroCount; i++)
        {
            Exponentials[i] = Exponentials[i + NonzeroCount] = (byte)power;
            Logarithms[power] = (byte)i;
            power <<= 1;
            if (power > 0xff)
                power ^= Polynomial;
        }

        var kernels = new List<GaloisKernel>();
        AddGfniKernels(kernels);
        AddAvx512Kernel(kernels);
        AddAvx2Kernel(kernels);
        AddVector128Kernel(kernels);
        kernels.Add(new ScalarKernel());
        Kernels = [.. kernels];
    }

    /// <summary>What this processor can run, fastest first; never empty.</summary>
    internal static ReadOnlySpan<GaloisKernel> SupportedKernels => Kernels;

    /// <summary>The product of two elements.</summary>
    internal static byte Multiply(byte a, byte b) =>
        a == 0 || b == 0 ? (byte)0 : Exponentials[Logarithms[a] + Logarithms[b]];

    /// <summary>The element whose product with <paramref name="a"/> is 1.</summary>
    /// <exception cref="DivideByZeroException"><paramref name="a"/> is zero.</exception>
    internal static byte Inverse(byte a) =>
        a == 0 ? throw new DivideByZeroException("Zero has no inverse in GF(2^8).") : Exponentials[NonzeroCount - Logarithms[a]];

    /// <summary>
    /// Writes the two 16-entry tables from which a byte shuffle makes products with <paramref name="coefficient"/>:
    /// products of 0..15, then products of 0x00, 0x10, .. 0xf0. <paramref name="destination"/> takes 32 bytes.
    /// </summary>
    /// <remarks>
    /// Plank, Greenan and Miller, "Screaming fast Galois field arithmetic using Intel SIMD instructions", FAST 2013.
    /// </remarks>
    internal static void WriteNibbleTables(byte coefficient, Span<byte> destination)
    {
        for (int i = 0; i < 16; i++)
        {
            destination[i] = Multiply(coefficient, (byte)i);
            destination[16 + i] = Multiply(coefficient, (byte)(i << 4));
        }
    }

    /// <summary>
    /// Multiplication by <paramref name="coefficient"/> is linear over bits, so it is an 8x8 bit matrix; this writes it in the layout
    /// of <c>vgf2p8affineqb</c>: byte 7-i is the row that makes bit i of the product, and its bit j says whether bit j of the input
    /// takes part. <paramref name="destination"/> takes 8 bytes.
    /// </summary>
    internal static void WriteAffineMatrix(byte coefficient, Span<byte> destination)
    {
        destination[..8].Clear();
        for (int j = 0; j < 8; j++)
        {
            byte column = Multiply(coefficient, (byte)(1 << j));
            for (int i = 0; i < 8; i++)
                destination[7 - i] |= (byte)((column >> i & 1) << j);
        }
    }
}
