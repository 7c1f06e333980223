using System.Security.Cryptography;
using Megatorrent.Native.Exports;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class BlobExportTests
{
    private const byte Canary = 0xAA;
    private const int Length = 5000;
    private const int Bound = Length + 32;

    private static readonly delegate* unmanaged<nuint, nuint> GetBound = (delegate* unmanaged<nuint, nuint>)Export.Find("mt_blob_bound");

    private static readonly delegate* unmanaged<byte*, nuint, nuint*, byte*, byte*, byte*, nuint, BlobOptions*, Status> Seal =
        (delegate* unmanaged<byte*, nuint, nuint*, byte*, byte*, byte*, nuint, BlobOptions*, Status>)Export.Find("mt_blob_seal");

    private static readonly delegate* unmanaged<byte*, nuint, nuint*, byte*, byte*, nuint, Status> Open =
        (delegate* unmanaged<byte*, nuint, nuint*, byte*, byte*, nuint, Status>)Export.Find("mt_blob_open");

    private static readonly delegate* unmanaged<BlobInfo*, byte*, nuint, Status> Inspect =
        (delegate* unmanaged<BlobInfo*, byte*, nuint, Status>)Export.Find("mt_blob_inspect");

    [Theory]
    [InlineData(0u, 0u, 1u, 2u)]
    [InlineData(1u, 1u, 1u, 1u)]
    [InlineData(2u, 3u, 2u, 3u)]
    [InlineData(2u, 5u, 2u, 5u)]
    public void WhatIsSealedIsInspectedAndOpened(uint suite, uint compression, uint suiteFound, uint compressionFound)
    {
        byte* chunk = stackalloc byte[Length], blob = stackalloc byte[Bound], id = stackalloc byte[32], key = stackalloc byte[32];
        for (int i = 0; i < Length; i++)
            chunk[i] = (byte)(i % 7);
        BlobOptions options = new() { StructSize = (uint)sizeof(BlobOptions), Suite = suite, Compression = compression };
        nuint length;
        Assert.Equal(Status.Ok, Seal(blob, Bound, &length, id, key, chunk, Length, &options));
        Assert.True(compressionFound == 1 ? length == Bound : length < 1000);
        Assert.True(SHA256.HashData(new ReadOnlySpan<byte>(blob, (int)length)).AsSpan().SequenceEqual(new ReadOnlySpan<byte>(id, 32)));

        BlobInfo info = new() { StructSize = (uint)sizeof(BlobInfo) };
        Assert.Equal(Status.Ok, Inspect(&info, blob, length));
        Assert.Equal((suiteFound, compressionFound, (uint)Length), (info.Suite, info.Compression, info.PlaintextLength));

        byte* opened = stackalloc byte[Length];
        nuint openedLength = 7;
        Assert.Equal(Status.BufferTooSmall, Open(null, 0, &openedLength, key, blob, length));
        Assert.Equal((nuint)Length, openedLength);
        Assert.Equal(Status.Ok, Open(opened, Length, &openedLength, key, blob, length));
        Assert.True(new ReadOnlySpan<byte>(opened, Length).SequenceEqual(new ReadOnlySpan<byte>(chunk, Length)));

        key[0] ^= 1;
        openedLength = 7;
        Assert.Equal(Status.Integrity, Open(opened, Length, &openedLength, key, blob, length));
        Assert.Equal(7u, openedLength);
        Assert.False(new ReadOnlySpan<byte>(opened, Length).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void WhatCannotBeSealedIsRefusedInTheOrderOfTheHeaderAndChangesNothing()
    {
        byte* memory = stackalloc byte[Bound + 64], chunk = stackalloc byte[Length], secret = stackalloc byte[32];
        new Span<byte>(memory, Bound + 64).Fill(Canary);
        byte* id = memory + Bound, key = id + 32;
        nuint length = 7;
        BlobOptions options = new() { StructSize = (uint)sizeof(BlobOptions) };
        Assert.Equal(Status.NullPointer, Seal(null, 1, &length, id, key, chunk, Length, null));
        Assert.Equal(Status.NullPointer, Seal(memory, Bound, null, id, key, chunk, Length, null));
        Assert.Equal(Status.NullPointer, Seal(memory, Bound, &length, null, key, chunk, Length, null));
        Assert.Equal(Status.NullPointer, Seal(memory, Bound, &length, id, null, chunk, Length, null));
        Assert.Equal(Status.NullPointer, Seal(memory, Bound, &length, id, key, null, Length, null));
        Assert.Equal(Status.LimitExceeded, Seal(memory, Bound, &length, id, key, chunk, (16 << 20) + 1, null));
        Assert.Equal(Status.LimitExceeded, Seal(memory, Bound, &length, id, key, chunk, nuint.MaxValue, null));
        Assert.Equal(7u, length);
        Assert.Equal(Status.BufferTooSmall, Seal(memory, Bound - 1, &length, id, key, chunk, Length, &options));
        Assert.Equal((nuint)Bound, length);

        length = 7;
        options.StructSize--;
        Assert.Equal(Status.StructSize, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
        options.StructSize++;
        options.Suite = 3;
        Assert.Equal(Status.Unsupported, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
        options.Suite = 257; // 1, in a byte
        Assert.Equal(Status.Unsupported, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
        (options.Suite, options.Compression) = (0, 6);
        Assert.Equal(Status.Unsupported, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
        options.Compression = uint.MaxValue;
        Assert.Equal(Status.Unsupported, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
        (options.Compression, options.Reserved) = (0, 1);
        Assert.Equal(Status.Unsupported, Seal(memory, Bound, &length, id, key, chunk, Length, &options));

        options.Reserved = 0;
        Assert.Equal(Status.Overlap, Seal(memory, Bound, &length, memory + Bound - 1, key, chunk, Length, null));
        Assert.Equal(Status.Overlap, Seal(memory, Bound, &length, id, id + 31, chunk, Length, null));
        Assert.Equal(Status.Overlap, Seal(memory, Bound, &length, id, key, memory + Bound - 1, Length, null));
        options.TenantSecret32 = key + 31;
        Assert.Equal(Status.Overlap, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
        Assert.Equal(7u, length);
        Assert.False(new ReadOnlySpan<byte>(memory, Bound + 64).ContainsAnyExcept(Canary));
        options.TenantSecret32 = secret;
        Assert.Equal(Status.Ok, Seal(memory, Bound, &length, id, key, chunk, Length, &options));
    }

    [Fact]
    public void TheBoundIsZeroForWhatIsTooLong()
    {
        Assert.Equal(32u, GetBound(0));
        Assert.Equal((nuint)(16 << 20) + 32, GetBound(16 << 20));
        Assert.Equal(0u, GetBound((16 << 20) + 1));
        Assert.Equal(0u, GetBound(nuint.MaxValue));
    }

    [Fact]
    public void WhatIsNoBlobIsRefused()
    {
        byte* bytes = stackalloc byte[64], key = stackalloc byte[32];
        new Span<byte>(bytes, 64).Clear();
        nuint length = 7;
        BlobInfo info = new() { StructSize = (uint)sizeof(BlobInfo) };
        Assert.Equal(Status.Malformed, Inspect(&info, bytes, 64));
        Assert.Equal(Status.Malformed, Inspect(&info, null, 0));
        Assert.Equal(Status.Malformed, Inspect(&info, bytes, (nuint)nint.MaxValue));
        Assert.Equal(Status.Length, Inspect(&info, bytes, nuint.MaxValue));
        Assert.Equal(Status.Malformed, Open(null, 0, &length, key, bytes, 64));
        Assert.Equal(Status.Length, Open(null, 0, &length, key, bytes, (nuint)nint.MaxValue + 1));
        Assert.Equal(Status.NullPointer, Open(null, 0, &length, null, bytes, 64));
        Assert.Equal(Status.Overlap, Open(bytes + 63, 10, &length, key, bytes, 64));
        Assert.Equal(7u, length);
        info.StructSize = 3;
        Assert.Equal(Status.StructSize, Inspect(&info, bytes, 64));
    }
}
