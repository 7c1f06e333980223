using System.Runtime.CompilerServices;
using Megatorrent.Core;

namespace Megatorrent.Native.Tests.Exports;

public sealed unsafe class ReedSolomonExportTests : IDisposable
{
    private const int ShardLength = 100;

    private static readonly delegate* unmanaged<nuint*, uint, uint, void*, Status> Create =
        (delegate* unmanaged<nuint*, uint, uint, void*, Status>)Export.Find("mt_rs_create");

    private static readonly delegate* unmanaged<nuint, byte**, byte**, nuint, Status> Encode =
        (delegate* unmanaged<nuint, byte**, byte**, nuint, Status>)Export.Find("mt_rs_encode");

    private static readonly delegate* unmanaged<nuint, byte**, byte*, nuint, Status> Reconstruct =
        (delegate* unmanaged<nuint, byte**, byte*, nuint, Status>)Export.Find("mt_rs_reconstruct");

    private static readonly delegate* unmanaged<nuint, byte**, uint, byte*, byte*, nuint, Status> Update =
        (delegate* unmanaged<nuint, byte**, uint, byte*, byte*, nuint, Status>)Export.Find("mt_rs_update");

    private static readonly delegate* unmanaged<nuint, void> Destroy = (delegate* unmanaged<nuint, void>)Export.Find("mt_rs_destroy");

    private readonly nuint _code;
    private readonly byte[] _memory = GC.AllocateArray<byte>(8 * ShardLength, pinned: true);
    private readonly nint[] _pointers = GC.AllocateArray<nint>(6, pinned: true); // 4 + 2

    public ReedSolomonExportTests()
    {
        nuint code;
        Assert.Equal(Status.Ok, Create(&code, 4, 2, null));
        _code = code;
        new SeededRandomSource(3).Fill(_memory);
        for (int i = 0; i < 6; i++)
            _pointers[i] = (nint)Memory + (i * ShardLength);
    }

    private byte* Memory => (byte*)Unsafe.AsPointer(ref _memory[0]);

    private byte** Shards => (byte**)Unsafe.AsPointer(ref _pointers[0]);

    [Theory]
    [InlineData(4, 3, 1)] // parity 0 begins in the last byte of data 3
    [InlineData(4, 0, 100)]
    [InlineData(5, 4, 50)]
    [InlineData(5, 2, 100)]
    public void ParityMayNotLieInAnotherShard(int moved, int over, int bytes)
    {
        _pointers[moved] = _pointers[over] + ShardLength - bytes;
        Refused(Encode(_code, Shards + 4, Shards, ShardLength));
        Refused(Update(_code, Shards + 4, 0, Shards[over], Shards[over], ShardLength));
    }

    [Fact]
    public void ParityMayNotLieInTheArrays()
    {
        _pointers[5] = (nint)Shards - ShardLength + 1;
        Refused(Encode(_code, Shards + 4, Shards, ShardLength));
    }

    [Fact]
    public void WhatIsOnlyReadMayOverlap()
    {
        _pointers[1] = _pointers[0] + 1;
        Assert.Equal(Status.Ok, Encode(_code, Shards + 4, Shards, ShardLength));
        Assert.Equal(Status.Ok, Update(_code, Shards + 4, 0, Shards[0], Shards[0] + 1, ShardLength));
    }

    [Fact]
    public void WhatIsRebuiltMayNotLieInAnotherShard()
    {
        byte* present = stackalloc byte[] { 1, 0, 1, 0, 1, 1 };
        _pointers[1] = _pointers[2] - ShardLength + 1;
        Refused(Reconstruct(_code, Shards, present, ShardLength));
        _pointers[1] = _pointers[3] + 50;
        Refused(Reconstruct(_code, Shards, present, ShardLength));
        _pointers[1] = (nint)present;
        Refused(Reconstruct(_code, Shards, present, ShardLength));
        _pointers[1] = 0; // left out
        Assert.Equal(Status.Ok, Reconstruct(_code, Shards, present, ShardLength));
    }

    [Fact]
    public void ShardsOfNoLengthOverlapNothing()
    {
        _pointers[5] = _pointers[0];
        Assert.Equal(Status.Ok, Encode(_code, Shards + 4, Shards, 0));
    }

    public void Dispose() => Destroy(_code);

    private void Refused(Status status)
    {
        Assert.Equal(Status.Overlap, status);
        byte[] expected = new byte[_memory.Length];
        new SeededRandomSource(3).Fill(expected);
        Assert.Equal(expected, _memory);
    }
}
