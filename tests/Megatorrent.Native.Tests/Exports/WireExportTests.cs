using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class WireExportTests
{
    private static readonly delegate* unmanaged<byte*, nuint, nuint*, WireMessage*, Status> Encode =
        (delegate* unmanaged<byte*, nuint, nuint*, WireMessage*, Status>)Export.Find("mt_wire_encode");

    private static readonly delegate* unmanaged<WireMessage*, nuint*, byte*, nuint, Status> Decode =
        (delegate* unmanaged<WireMessage*, nuint*, byte*, nuint, Status>)Export.Find("mt_wire_decode");

    [Fact]
    public void WhatIsEncodedIsDecodedInPlace()
    {
        byte* memory = stackalloc byte[128], payload = stackalloc byte[] { 1, 2, 3 };
        WireMessage message = New(5);
        (message.Flags, message.BytesLength) = (3, 3);
        message.Bytes = payload;
        nuint length = 7;
        Assert.Equal(Status.BufferTooSmall, Encode(null, 0, &length, &message));
        Assert.Equal(15u, length);
        Assert.Equal(Status.BufferTooSmall, Encode(memory, 14, &length, &message));
        message.Bytes = memory + 14;
        Assert.Equal(Status.Overlap, Encode(memory, 15, &length, &message));
        message.Bytes = payload;
        Assert.Equal(Status.Ok, Encode(memory, 15, &length, &message));

        WireMessage read = New(99);
        Assert.Equal(Status.Incomplete, Decode(&read, &length, memory, 14));
        Assert.Equal(15u, length);
        Assert.Equal(Status.Incomplete, Decode(&read, &length, null, 0));
        Assert.Equal(12u, length);
        Assert.Equal(99u, read.Type);
        Assert.Equal(Status.Ok, Decode(&read, &length, memory, 128)); // what follows does not matter
        Assert.Equal(15u, length);
        Assert.Equal((5u, 3u, 9u), (read.Type, read.Flags, read.RequestNumber));
        Assert.True(read.Bytes == memory + 12 && read.BytesLength == 3 && read.Items is null && read.ItemsLength == 0);
    }

    [Fact]
    public void WhatTheMembersCannotBeIsRefusedAndNothingIsWritten()
    {
        byte* memory = stackalloc byte[64];
        new Span<byte>(memory, 64).Fill(0xAA);
        nuint length = 7;
        WireMessage message = New(2);
        Assert.Equal(Status.NullPointer, Encode(memory, 64, &length, null));
        Assert.Equal(Status.NullPointer, Encode(memory, 64, null, &message));
        Assert.Equal(Status.NullPointer, Encode(null, 64, &length, &message));
        message.StructSize = 16;
        Assert.Equal(Status.StructSize, Encode(memory, 64, &length, &message));
        message = New(5);
        message.BytesLength = 1;
        Assert.Equal(Status.NullPointer, Encode(memory, 64, &length, &message));
        message.Bytes = memory;
        message.BytesLength = nuint.MaxValue;
        Assert.Equal(Status.Length, Encode(memory, 64, &length, &message));
        message.BytesLength = (nuint)nint.MaxValue; // longer than a span, too
        Assert.Equal(Status.InvalidArgument, Encode(memory, 64, &length, &message));
        message = New(256 + 2); // 2, in a byte
        Assert.Equal(Status.InvalidArgument, Encode(memory, 64, &length, &message));
        message = New(5);
        message.Flags = 256;
        Assert.Equal(Status.InvalidArgument, Encode(memory, 64, &length, &message));
        message = New(2);
        message.Reserved = 1;
        Assert.Equal(Status.InvalidArgument, Encode(memory, 64, &length, &message));
        message.Reserved = 0;
        message.Id[31] = 1;
        Assert.Equal(Status.InvalidArgument, Encode(memory, 64, &length, &message));
        Assert.Contains("Ping has no Id", Export.LastErrorText, StringComparison.Ordinal);
        Assert.Equal(7u, length);
        Assert.False(new ReadOnlySpan<byte>(memory, 64).ContainsAnyExcept((byte)0xAA));
    }

    [Fact]
    public void AFrameThatBreaksTheRulesChangesNothing()
    {
        byte* frame = stackalloc byte[] { 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 1, 3 }; // stored, with outcome 3
        WireMessage message = New(99);
        nuint length = 7;
        Assert.Equal(Status.Malformed, Decode(&message, &length, frame, 13));
        frame[5] = 1;
        Assert.Equal(Status.ProtocolViolation, Decode(&message, &length, frame, 13));
        Assert.Equal(Status.NullPointer, Decode(null, &length, frame, 13));
        Assert.Equal(Status.NullPointer, Decode(&message, null, frame, 13));
        Assert.Equal(Status.NullPointer, Decode(&message, &length, null, 13));
        Assert.Equal(Status.Length, Decode(&message, &length, frame, nuint.MaxValue));
        Assert.Equal(((nuint)7, 99u), (length, message.Type));
        message.StructSize = 3;
        Assert.Equal(Status.StructSize, Decode(&message, &length, frame, 13));
    }

    private static WireMessage New(uint type) => new() { StructSize = (uint)sizeof(WireMessage), Type = type, RequestNumber = 9 };
}
