using System.Text;
using Megatorrent.Core.Tests.Erasure;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

public sealed unsafe class NativeTextTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("räksmörgås €𝄞")]
    public void ATextIsReadUpToItsNulAndNotAByteFurther(string text)
    {
        byte[] utf8 = [.. Encoding.UTF8.GetBytes(text), 0];
        using GuardedMemory memory = new(utf8.Length);
        memory.Place(utf8.Length, atEnd: true);
        utf8.CopyTo(memory.Span);
        Assert.Equal(Status.Ok, NativeText.Read("name", memory.Pointer, out string value));
        Assert.Equal(text, value);
        Assert.Equal(Status.Ok, NativeText.Read("name", memory.Pointer, out ReadOnlySpan<byte> bytes));
        Assert.True(bytes.SequenceEqual(utf8.AsSpan(0, utf8.Length - 1)));
    }

    [Fact]
    public void TheLongestTextIsReadAndOfALongerOneNoByteTooMany()
    {
        using GuardedMemory memory = new(NativeText.LengthMax + 1);
        memory.Place(NativeText.LengthMax + 1, atEnd: true);
        memory.Span.Fill((byte)'x');
        Assert.Equal(Status.InvalidArgument, NativeText.Read("path", memory.Pointer, out string value));
        Assert.Equal("", value);
        Assert.Equal("path is longer than 65535 bytes.", Export.LastErrorText);

        memory.Span[^1] = 0;
        Assert.Equal(Status.Ok, NativeText.Read("path", memory.Pointer, out value));
        Assert.Equal(new string('x', NativeText.LengthMax), value);
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0xfe }, 0)]
    [InlineData(new byte[] { (byte)'a', 0x80 }, 1)] // a continuation alone
    [InlineData(new byte[] { 0xc3, 0xa4, 0xc3 }, 2)] // cut
    [InlineData(new byte[] { 0xc0, 0x80 }, 0)] // NUL in two bytes
    [InlineData(new byte[] { (byte)'a', (byte)'b', 0xed, 0xa0, 0x80 }, 2)] // a surrogate
    [InlineData(new byte[] { 0xf4, 0x90, 0x80, 0x80 }, 0)] // above U+10FFFF
    public void WhatIsNotUtf8IsRefusedWithItsPlace(byte[] bytes, int position)
    {
        fixed (byte* text = new byte[bytes.Length + 1])
        {
            bytes.CopyTo(new Span<byte>(text, bytes.Length));
            Assert.Equal(Status.InvalidArgument, NativeText.Read("path", text, out string value));
            Assert.Equal("", value);
            Assert.Equal($"path is not valid UTF-8 at byte {position}.", Export.LastErrorText);
        }
    }

    [Fact]
    public void NullIsSaid() => Assert.Equal(Status.NullPointer, NativeText.Read("path", null, out string _));

    [Fact]
    public void ASecretTextIsZeroedAfterUse()
    {
        ReadOnlySpan<char> characters;
        using (SecretText secret = new("mtcred1:ä"u8))
        {
            Assert.Equal("mtcred1:ä", new string(secret.Span));
            characters = secret.Span;
        }

        Assert.False(characters.ContainsAnyExcept('\0'));
    }
}
