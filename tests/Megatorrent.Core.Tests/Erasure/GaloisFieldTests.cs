using Megatorrent.Core.Erasure;

namespace Megatorrent.Core.Tests.Erasure;

public class GaloisFieldTests
{
    [Fact]
    public void Every_product_is_that_of_polynomials_modulo_0x11d()
    {
        for (int a = 0; a < 256; a++)
        {
            for (int b = 0; b < 256; b++)
                Assert.Equal(SlowField.Multiply((byte)a, (byte)b), GaloisField.Multiply((byte)a, (byte)b));
        }
    }

    [Fact]
    public void Every_element_but_zero_has_an_inverse()
    {
        for (int a = 1; a < 256; a++)
        {
            Assert.Equal(1, SlowField.Multiply((byte)a, GaloisField.Inverse((byte)a)));
            Assert.Equal(a, GaloisField.Inverse(GaloisField.Inverse((byte)a)));
        }

        Assert.Throws<DivideByZeroException>(() => GaloisField.Inverse(0));
    }

    [Fact]
    public void Multiplication_is_associative_and_distributes_over_xor()
    {
        for (int a = 0; a < 256; a++)
        {
            for (int b = 0; b < 256; b++)
            {
                byte product = GaloisField.Multiply((byte)a, (byte)b);
                Assert.Equal(product, GaloisField.Multiply((byte)b, (byte)a));
                for (int c = 0; c < 256; c += 17)
                {
                    byte right = GaloisField.Multiply((byte)b, (byte)c);
                    Assert.Equal(GaloisField.Multiply(product, (byte)c), GaloisField.Multiply((byte)a, right));
                    Assert.Equal(product ^ GaloisField.Multiply((byte)a, (byte)c), GaloisField.Multiply((byte)a, (byte)(b ^ c)));
                }
            }
        }
    }

    [Fact]
    public void Half_byte_tables_add_up_to_every_product()
    {
        Span<byte> tables = stackalloc byte[32];
        for (int coefficient = 0; coefficient < 256; coefficient++)
        {
            GaloisField.WriteNibbleTables((byte)coefficient, tables);
            for (int x = 0; x < 256; x++)
                Assert.Equal(SlowField.Multiply((byte)coefficient, (byte)x), tables[x & 15] ^ tables[16 + (x >> 4)]);
        }
    }

    [Fact]
    public void The_affine_instruction_makes_every_product_from_the_affine_matrix()
    {
        Span<byte> matrix = stackalloc byte[8], values = stackalloc byte[8], products = stackalloc byte[8];
        for (int coefficient = 0; coefficient < 256; coefficient++)
        {
            GaloisField.WriteAffineMatrix((byte)coefficient, matrix);
            for (int x = 0; x < 256; x += 8)
            {
                for (int i = 0; i < 8; i++)
                    values[i] = (byte)(x + i);
                Emulation.Affine(values, matrix, products);
                for (int i = 0; i < 8; i++)
                    Assert.Equal(SlowField.Multiply((byte)coefficient, (byte)(x + i)), products[i]);
            }
        }
    }

    [Fact]
    public void The_emulated_affine_instruction_agrees_with_known_matrices()
    {
        // The identity of vgf2p8affineqb is 0x0102040810204080; shifting left by one bit is 0x0001020408102040.
        byte[] values = [0x01, 0x80, 0xff, 0x5a, 0x00, 0x13, 0xc4, 0x7e];
        byte[] result = new byte[8];
        Emulation.Affine(values, BitConverter.GetBytes(0x0102040810204080ul), result);
        Assert.Equal(values, result);
        Emulation.Affine(values, BitConverter.GetBytes(0x0001020408102040ul), result);
        Assert.Equal(values.Select(value => (byte)(value << 1)), result);
        Emulation.Affine(values, BitConverter.GetBytes(0x0204081020408000ul), result);
        Assert.Equal(values.Select(value => (byte)(value >> 1)), result);
    }
}
