using Megatorrent.Core;

namespace Megatorrent.Client.Tests;

public sealed class HandoverStreamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HandoverStream _stream = new();

    [Fact]
    public async Task TheGiverWaitsUntilAllOfItWasRead()
    {
        Task<bool> giver = _stream.HandOverAsync(new byte[] { 1, 2, 3 });
        byte[] buffer = new byte[2];
        Assert.Equal(2, await _stream.ReadAsync(buffer));
        Assert.Equal([1, 2], buffer);
        Assert.False(giver.IsCompleted);
        Assert.Equal(1, await _stream.ReadAsync(buffer));
        Assert.Equal(3, buffer[0]);
        Assert.True(await giver.WaitAsync(Limit));
    }

    [Fact]
    public async Task AReaderWaitsForTheGiver()
    {
        byte[] buffer = new byte[10];
        Task<int> reader = _stream.ReadAsync(buffer).AsTask();
        Assert.False(reader.IsCompleted);
        Task<bool> giver = _stream.HandOverAsync(new byte[] { 7 });
        Assert.Equal(1, await reader.WaitAsync(Limit));
        Assert.True(await giver.WaitAsync(Limit));
        Assert.Equal(7, buffer[0]);
    }

    [Fact]
    public async Task TheEndComesAfterTheBytesAndNothingComesAfterTheEnd()
    {
        Task<bool> giver = _stream.HandOverAsync(new byte[] { 1 });
        _stream.Complete();
        Assert.Equal(1, await _stream.ReadAsync(new byte[5]));
        Assert.True(await giver.WaitAsync(Limit));
        Assert.Equal(0, await _stream.ReadAsync(new byte[5]));
        MegatorrentException refused = await Assert.ThrowsAsync<MegatorrentException>(() => _stream.HandOverAsync(new byte[] { 2 }));
        Assert.Equal(ErrorKind.InvalidArgument, refused.Kind);
    }

    [Fact]
    public async Task AnAbandonedStreamLetsBothSidesGo()
    {
        Task<bool> giver = _stream.HandOverAsync(new byte[] { 1 });
        _stream.Abandon();
        Assert.False(await giver.WaitAsync(Limit));
        Assert.False(await _stream.HandOverAsync(new byte[] { 2 }));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _stream.ReadAsync(new byte[5]).AsTask());
    }

    [Fact]
    public async Task AReaderThatWaitsCanBeStopped()
    {
        using CancellationTokenSource stop = new();
        Task<int> reader = _stream.ReadAsync(new byte[5], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader.WaitAsync(Limit));
    }

    [Fact]
    public async Task NothingIsNothing()
    {
        Assert.True(await _stream.HandOverAsync(default));
        Assert.Equal(0, await _stream.ReadAsync(Memory<byte>.Empty));
    }
}
