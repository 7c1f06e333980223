using System.Text;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class CapabilityExportTests
{
    private static readonly delegate* unmanaged<CapabilityInfo*, byte*, Status> Parse =
        (delegate* unmanaged<CapabilityInfo*, byte*, Status>)Export.Find("mt_capability_parse");

    private static readonly delegate* unmanaged<byte*, nuint, nuint*, CapabilityInfo*, Status> Format =
        (delegate* unmanaged<byte*, nuint, nuint*, CapabilityInfo*, Status>)Export.Find("mt_capability_format");

    private static readonly delegate* unmanaged<byte*, nuint, nuint*, byte*, Status> ToVerify =
        (delegate* unmanaged<byte*, nuint, nuint*, byte*, Status>)Export.Find("mt_capability_to_verify");

    private static readonly delegate* unmanaged<byte*, nuint, nuint*, byte*, Status> FormatCid =
        (delegate* unmanaged<byte*, nuint, nuint*, byte*, Status>)Export.Find("mt_cid_format");

    private static readonly delegate* unmanaged<byte*, byte*, Status> ParseCid =
        (delegate* unmanaged<byte*, byte*, Status>)Export.Find("mt_cid_parse");

    [Fact]
    public void WhatIsFormattedIsParsed()
    {
        CapabilityInfo info = Sample();
        byte* text = stackalloc byte[128];
        nuint length;
        Assert.Equal(Status.BufferTooSmall, Format(null, 0, &length, &info));
        Assert.Equal(102u, length);
        Assert.Equal(Status.BufferTooSmall, Format(text, 102, &length, &info)); // no room for the NUL
        Assert.Equal(Status.Ok, Format(text, 103, &length, &info));
        Assert.Equal(0, text[102]);
        Assert.StartsWith("mt1:", Encoding.ASCII.GetString(text, 102), StringComparison.Ordinal);

        CapabilityInfo parsed = new() { StructSize = (uint)sizeof(CapabilityInfo) };
        Assert.Equal(Status.Ok, Parse(&parsed, text));
        int size = sizeof(CapabilityInfo);
        Assert.True(new ReadOnlySpan<byte>(&parsed, size).SequenceEqual(new ReadOnlySpan<byte>(&info, size)));

        Assert.Equal(Status.Ok, ToVerify(text, 128, &length, text)); // the text is read before it is written
        Assert.Equal(Status.Ok, Parse(&parsed, text));
        Assert.Equal((0u, 4711u, 2u), (parsed.CanRead, parsed.RootLength, parsed.ParityShards));
        Assert.False(new ReadOnlySpan<byte>(parsed.Key, 32).ContainsAnyExcept((byte)0));
        info.CanRead = 0;
        byte* verify = stackalloc byte[128];
        Assert.Equal(Status.Ok, Format(verify, 128, &length, &info));
        Assert.True(new ReadOnlySpan<byte>(verify, 61).SequenceEqual(new ReadOnlySpan<byte>(text, 61)));
    }

    [Fact]
    public void WhatIsNoCapabilityIsRefused()
    {
        CapabilityInfo info = Sample();
        nuint length = 7;
        byte* text = stackalloc byte[128];
        (uint, uint, uint)[] impossible = [(2, 1, 0), (1, 0, 0), (1, uint.MaxValue, 0), (0, 1, 255), (0, 1, 1u << 31)];
        foreach ((uint canRead, uint rootLength, uint parityShards) in impossible)
        {
            (info.CanRead, info.RootLength, info.ParityShards) = (canRead, rootLength, parityShards);
            Assert.Equal(Status.InvalidArgument, Format(text, 128, &length, &info));
        }

        Assert.Equal(Status.NullPointer, Format(text, 128, &length, null));
        Assert.Equal(Status.NullPointer, Parse(&info, null));
        Assert.Equal(Status.NullPointer, Parse(null, text));
        Assert.Equal(Status.NullPointer, ToVerify(text, 128, &length, null));
        (text[0], text[1], text[2]) = (0xff, 0xfe, 0);
        Assert.Equal(Status.InvalidArgument, Parse(&info, text));
        Assert.Equal(Status.InvalidArgument, ToVerify(text, 128, &length, text));
        text[0] = 0;
        Assert.Equal(Status.Malformed, Parse(&info, text));
        Assert.Equal(Status.Malformed, ToVerify(text, 128, &length, text));
        info.StructSize = 4;
        Assert.Equal(Status.StructSize, Parse(&info, text));
        Assert.Equal(Status.StructSize, Format(text, 128, &length, &info));
        Assert.Equal(7u, length);
    }

    [Fact]
    public void AnIdHasOneText()
    {
        byte* id = stackalloc byte[32], text = stackalloc byte[60], read = stackalloc byte[32];
        for (int i = 0; i < 32; i++)
            id[i] = (byte)(i * 9);
        nuint length = 7;
        Assert.Equal(Status.BufferTooSmall, FormatCid(text, 59, &length, id));
        Assert.Equal(59u, length);
        Assert.Equal(Status.Ok, FormatCid(text, 60, &length, id));
        Assert.Equal(Status.Ok, ParseCid(read, text));
        Assert.True(new ReadOnlySpan<byte>(read, 32).SequenceEqual(new ReadOnlySpan<byte>(id, 32)));
        Assert.Equal(Status.Overlap, FormatCid(text, 60, &length, text + 59));
        Assert.Equal(Status.NullPointer, FormatCid(text, 60, &length, null));
        Assert.Equal(Status.NullPointer, ParseCid(null, text));

        text[58] = (byte)'A';
        Assert.Equal(Status.Malformed, ParseCid(read, text));
        text[58] = 0xff;
        Assert.Equal(Status.InvalidArgument, ParseCid(read, text));
        text[58] = 0;
        Assert.Equal(Status.Malformed, ParseCid(read, text));
    }

    private static CapabilityInfo Sample()
    {
        CapabilityInfo info = new() { StructSize = (uint)sizeof(CapabilityInfo), CanRead = 1, RootLength = 4711, ParityShards = 2 };
        for (int i = 0; i < 32; i++)
            (info.RootId[i], info.Key[i]) = ((byte)i, (byte)(255 - i));
        return info;
    }
}
