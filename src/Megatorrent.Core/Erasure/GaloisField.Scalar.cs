using System.Runtime.InteropServices;

namespace Megatorrent.Core.Erasure;

internal static partial class GaloisField
{
    /// <summary>Multiplies one byte at a time by looking it up. Slow, short, and the oracle for every other variant.</summary>
    private sealed unsafe class ScalarKernel : GaloisKernel
    {
        internal override KernelKind Kind => KernelKind.Scalar;

        internal override int CoefficientLength => 1;

        internal override void Prepare(byte coefficient, Span<byte> destination) => destination[0] = coefficient;

        internal override void DotProduct(
            KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint length, bool accumulate)
        {
            for (int row = 0; row < outputCount; row++)
            {
                byte* output = outputs[row].Data + start;
                if (!accumulate)
                    NativeMemory.Clear(output, length);
                for (int column = 0; column < inputCount; column++)
                {
                    byte* input = inputs[column].Data + start;
                    ReadOnlySpan<byte> products = ProductTable.Row(outputs[row].Coefficients[inputs[column].CoefficientOffset]);
                    for (nuint i = 0; i < length; i++)
                        output[i] ^= products[input[i]];
                }
            }
        }
    }

    /// <summary>The products of every pair of elements: 64 KiB, made when the scalar kernel first runs.</summary>
    private static class ProductTable
    {
        private static readonly byte[] Products = Make();

        /// <summary>The 256 products with <paramref name="coefficient"/>.</summary>
        internal static ReadOnlySpan<byte> Row(byte coefficient) => Products.AsSpan(coefficient << 8, 256);

        private static byte[] Make()
        {
            byte[] products = new byte[256 * 256];
            for (int i = 0; i < products.Length; i++)
                products[i] = Multiply((byte)(i >> 8), (byte)i);
            return products;
        }
    }
}
