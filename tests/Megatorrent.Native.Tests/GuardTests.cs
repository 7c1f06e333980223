using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

public sealed unsafe class GuardTests
{
    [Theory]
    [InlineData(100, 10, 100, 10, true)]
    [InlineData(100, 10, 109, 10, true)]
    [InlineData(100, 10, 110, 10, false)]
    [InlineData(100, 10, 91, 10, true)]
    [InlineData(100, 10, 90, 10, false)]
    [InlineData(100, 10, 102, 3, true)] // inside
    [InlineData(100, 0, 100, 10, false)]
    [InlineData(100, 10, 105, 0, false)]
    [InlineData(0, 0, 0, 0, false)]
    [InlineData(100, -1, 200, 1, true)] // as long as memory
    [InlineData(-10, 20, 5, 1, false)] // past the end of the address space, which is not its beginning
    [InlineData(-10, 20, -1, 1, true)]
    public void RangesOverlapWhereTheyShareAByte(long first, long firstLength, long second, long secondLength, bool expected)
    {
        void* a = (void*)(nint)first, b = (void*)(nint)second;
        Assert.Equal(expected, Guard.Overlap(a, (nuint)(nint)firstLength, b, (nuint)(nint)secondLength));
        Assert.Equal(expected, Guard.Overlap(b, (nuint)(nint)secondLength, a, (nuint)(nint)firstLength));
    }

    [Fact]
    public void OutputsAreHeldAgainstEachOtherAndInputsOnlyAgainstOutputs()
    {
        byte* memory = stackalloc byte[64];
        Assert.Equal(Status.Ok, Guard.Apart(
            [new("dst", memory, 10), new("id32", memory + 10, 32)], [new("src", memory + 42, 22), new("key", memory + 42, 22)]));
        Assert.Equal(Status.Overlap, Guard.Apart([new("dst", memory, 11), new("id32", memory + 10, 32)]));
        Assert.Equal("dst overlaps id32.", Export.LastErrorText);
        Assert.Equal(Status.Overlap, Guard.Apart([new("dst", memory, 10), new("id32", memory + 10, 32)], [new("src", memory + 41, 1)]));
        Assert.Equal("id32 overlaps src.", Export.LastErrorText);
    }

    [Fact]
    public void DestroyTakesNullAndSaysWhatIsNoHandle()
    {
        LastError.Set(Status.Integrity, "before");
        Guard.Destroy("noise", 0, HandleKind.Noise);
        Assert.Equal("before", Export.LastErrorText);
        Guard.Destroy("noise", 0x10, HandleKind.Noise);
        Assert.StartsWith("noise is not a live handle", Export.LastErrorText, StringComparison.Ordinal);
    }
}
