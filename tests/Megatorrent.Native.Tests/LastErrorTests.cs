using System.Text;
using Megatorrent.Core;

namespace Megatorrent.Native.Tests;

public sealed class LastErrorTests
{
    private const string Text = "a ä € 𝄞 end"; // characters of one to four bytes

    [Fact]
    public void ABufferOfAnyLengthGetsWholeCharactersAndANul()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Text);
        Assert.Equal(Status.Integrity, LastError.Set(Status.Integrity, Text));
        for (int capacity = 1; capacity <= whole.Length + 2; capacity++)
        {
            byte[] buffer = [.. Enumerable.Repeat((byte)0xAA, capacity + 1)];
            Assert.Equal(whole.Length, LastError.Copy(buffer.AsSpan(0, capacity)));

            int length = Array.IndexOf(buffer, (byte)0);
            Assert.InRange(length, 0, capacity - 1);
            Assert.True(length > capacity - 1 - 4 || length == whole.Length, "more would have fitted");
            Assert.StartsWith(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer, 0, length), Text);
            Assert.Equal(0xAA, buffer[capacity]);
        }
    }

    [Fact]
    public void NoBufferGetsTheLengthAlone()
    {
        LastError.Set(Status.Integrity, Text);
        Assert.Equal(Encoding.UTF8.GetByteCount(Text), LastError.Copy([]));
    }

    [Fact]
    public void AnEndlessTextIsCutBetweenCharacters()
    {
        LastError.Set(Status.Internal, "x" + new string('€', 10_000));
        Assert.InRange(LastError.Text.Length, 4000, 4096);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(LastError.Text));
    }

    [Fact]
    public void EachThreadHasItsOwn()
    {
        LastError.Set(Status.Integrity, "mine");
        int before = -1, after = -1;
        Thread other = new(() =>
        {
            before = LastError.Text.Length;
            LastError.Set(Status.Integrity, "another");
            after = LastError.Text.Length;
        });
        other.Start();
        other.Join();
        Assert.Equal((0, 7), (before, after));
        Assert.Equal("mine", Encoding.UTF8.GetString(LastError.Text));
    }

    [Fact]
    public void WhatWasThrownBecomesAStatusAndItsMessage()
    {
        Assert.Equal(Status.NotEnoughShards, LastError.Set(new MegatorrentException(ErrorKind.NotEnoughBlobs, "3 of 4")));
        Assert.Equal("3 of 4", Encoding.UTF8.GetString(LastError.Text));
        Assert.Equal(Status.OutOfMemory, LastError.Set(new OutOfMemoryException()));
        Assert.Equal(Status.Canceled, LastError.Set(new OperationCanceledException()));
    }

    [Fact]
    public void ADefectNamesItsType()
    {
        Assert.Equal(Status.Internal, LastError.Set(new InvalidOperationException("broken")));
        Assert.Contains("InvalidOperationException: broken", Encoding.UTF8.GetString(LastError.Text));
    }
}
