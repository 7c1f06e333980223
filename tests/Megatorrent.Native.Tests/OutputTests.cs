using System.Text;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

public sealed unsafe class OutputTests
{
    private const byte Canary = 0xAA;

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("ä€𝄞")]
    public void ATextFitsIntoItsLengthAndANulAndIntoNothingLess(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte* memory = stackalloc byte[32];
        for (int capacity = 0; capacity <= utf8.Length + 2; capacity++)
        {
            bool fits = capacity > utf8.Length;
            foreach (bool fromBytes in new[] { true, false })
            {
                new Span<byte>(memory, 32).Fill(Canary);
                nuint length = 99;
                Status status = fromBytes
                    ? Output.Text("dst", memory, (nuint)capacity, &length, (ReadOnlySpan<byte>)utf8)
                    : Output.Text("dst", memory, (nuint)capacity, &length, (ReadOnlySpan<char>)text);
                Assert.Equal(fits ? Status.Ok : Status.BufferTooSmall, status);
                Assert.Equal((nuint)utf8.Length, length);
                byte[] expected = fits ? [.. utf8, 0] : [];
                Assert.True(new ReadOnlySpan<byte>(memory, expected.Length).SequenceEqual(expected));
                Assert.False(new ReadOnlySpan<byte>(memory + expected.Length, 32 - expected.Length).ContainsAnyExcept(Canary));
            }
        }

        nuint needed = 99;
        Assert.Equal(Status.BufferTooSmall, Output.Text("dst", null, 0, &needed, (ReadOnlySpan<char>)text));
        Assert.Equal((nuint)utf8.Length, needed);
        Assert.Contains($"{utf8.Length + 1} are needed, NUL included", Export.LastErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesFitIntoTheirLength()
    {
        byte* memory = stackalloc byte[4];
        new Span<byte>(memory, 4).Fill(Canary);
        nuint length = 99;
        Assert.Equal(Status.BufferTooSmall, Output.Bytes("dst", memory, 2, &length, [1, 2, 3]));
        Assert.Equal(3u, length);
        Assert.Equal(Canary, memory[0]);
        Assert.Equal(Status.Ok, Output.Bytes("dst", memory, 3, &length, [1, 2, 3]));
        Assert.True(new ReadOnlySpan<byte>(memory, 4).SequenceEqual<byte>([1, 2, 3, Canary]));
        Assert.Equal(Status.Ok, Output.Bytes("dst", null, 0, &length, []));
        Assert.Equal(0u, length);
    }

    [Fact]
    public void NullIsAllowedOnlyForNothing()
    {
        byte memory = 0;
        nuint length = 0;
        Assert.Equal(Status.Ok, Output.Check("dst", null, 0, &length));
        Assert.Equal(Status.Ok, Output.Check("dst", &memory, 1, &length));
        Assert.Equal(Status.NullPointer, Output.Check("dst", null, 1, &length));
        Assert.Equal(Status.NullPointer, Output.Check("cap", &memory, 1, null));
        Assert.Equal("cap_length is NULL.", Export.LastErrorText);
    }
}
