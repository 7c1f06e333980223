namespace Megatorrent.Core.Tests.Erasure;

/// <summary>
/// GF(2^8) by definition: polynomials over GF(2), multiplied by shifting and reduced by 0x11d. Shares nothing with the product.
/// </summary>
internal static class SlowField
{
    private static readonly byte[][] ProductRows = new byte[256][];

    internal static byte Multiply(byte a, byte b)
    {
        int product = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            if ((b >> bit & 1) != 0)
                product ^= a << bit;
        }

        for (int bit = 14; bit >= 8; bit--)
        {
            if ((product >> bit & 1) != 0)
                product ^= 0x11d << (bit - 8);
        }

        return (byte)product;
    }

    internal static byte Inverse(byte a)
    {
        for (int candidate = 1; candidate < 256; candidate++)
        {
            if (Multiply(a, (byte)candidate) == 1)
                return (byte)candidate;
        }

        throw new InvalidOperationException($"{a} has no inverse.");
    }

    /// <summary>The products of <paramref name="coefficient"/> with 0, 1, .. 255.</summary>
    internal static byte[] Products(byte coefficient) =>
        ProductRows[coefficient] ??= [.. Enumerable.Range(0, 256).Select(b => Multiply(coefficient, (byte)b))];
}
