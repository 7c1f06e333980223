using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests;

public sealed unsafe class NativeStructTests
{
    private const byte Canary = 0xAA;

    [Fact]
    public void AStructOfThisVersionIsReadFromAnyAddress()
    {
        byte* memory = stackalloc byte[9];
        ReedSolomonOptions* source = (ReedSolomonOptions*)(memory + 1);
        *source = new ReedSolomonOptions { StructSize = 8, Matrix = 7 };
        Assert.Equal(Status.Ok, NativeStruct.Read("options", source, out ReedSolomonOptions value));
        Assert.Equal((8u, 7u), (value.StructSize, value.Matrix));
    }

    [Theory]
    [InlineData(0u, (int)Status.StructSize)]
    [InlineData(3u, (int)Status.StructSize)]
    [InlineData(7u, (int)Status.StructSize)]
    [InlineData(8u, (int)Status.Ok)]
    [InlineData(9u, (int)Status.Ok)]
    [InlineData(NativeStruct.SizeMax, (int)Status.Ok)]
    [InlineData(NativeStruct.SizeMax + 1, (int)Status.StructSize)]
    [InlineData(uint.MaxValue, (int)Status.StructSize)]
    public void TheSizeMustBeThatOfSomeVersion(uint size, int status)
    {
        Status expected = (Status)status;
        byte* memory = stackalloc byte[(int)NativeStruct.SizeMax];
        new Span<byte>(memory, (int)NativeStruct.SizeMax).Clear();
        ReedSolomonOptions* place = (ReedSolomonOptions*)memory;
        place->StructSize = size;
        Assert.Equal(expected, NativeStruct.Read("options", place, out ReedSolomonOptions _));
        Assert.Equal(expected, NativeStruct.Check("info", place, out uint found));
        Assert.Equal(expected == Status.Ok ? size : 0, found);
        if (expected != Status.Ok)
            Assert.Contains("mt_rs_options_t", Export.LastErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(63)]
    public void AMemberThatIsNotKnownMustBeZero(int offset)
    {
        byte* memory = stackalloc byte[65];
        new Span<byte>(memory, 65).Clear();
        ReedSolomonOptions* source = (ReedSolomonOptions*)memory;
        source->StructSize = 64;
        memory[64] = 1; // behind it
        Assert.Equal(Status.Ok, NativeStruct.Read("options", source, out ReedSolomonOptions _));
        memory[offset] = 1;
        Assert.Equal(Status.Unsupported, NativeStruct.Read("options", source, out ReedSolomonOptions value));
        Assert.Equal(0u, value.StructSize);
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(9u)]
    [InlineData(40u)]
    public void AsMuchIsFilledInAsTheCallerHas(uint size)
    {
        byte* memory = stackalloc byte[48];
        new Span<byte>(memory, 48).Fill(Canary);
        ReedSolomonOptions* place = (ReedSolomonOptions*)(memory + 1);
        place->StructSize = size;
        Assert.Equal(Status.Ok, NativeStruct.Check("info", place, out uint found));
        NativeStruct.Write(place, found, new ReedSolomonOptions { StructSize = 99, Matrix = 7 });
        Assert.Equal((size, 7u), (place->StructSize, place->Matrix));
        Assert.False(new ReadOnlySpan<byte>(memory + 1 + 8, (int)size - 8).ContainsAnyExcept((byte)0));
        Assert.False(new ReadOnlySpan<byte>(memory + 1 + size, 47 - (int)size).ContainsAnyExcept(Canary));
        Assert.Equal(Canary, memory[0]);
    }

    [Fact]
    public void NullIsSaid()
    {
        Assert.Equal(Status.NullPointer, NativeStruct.Check<ReedSolomonOptions>("info", null, out _));
        Assert.Equal(Status.NullPointer, NativeStruct.Read<ReedSolomonOptions>("options", null, out _));
        Assert.Equal("options is NULL.", Export.LastErrorText);
    }
}
