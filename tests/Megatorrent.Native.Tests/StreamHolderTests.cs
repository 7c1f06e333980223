using Megatorrent.Native.Operations;

namespace Megatorrent.Native.Tests;

public sealed class StreamHolderTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ClientHolder _client = new(null!, null!); // nothing here goes through it
    private readonly Stream _stream = new();
    private readonly StreamHolder<Stream> _holder;

    public StreamHolderTests() => _holder = new StreamHolder<Stream>(_client, _stream, static stream => stream.IsCancelled = true);

    [Fact]
    public async Task OneCallAtATime()
    {
        TaskCompletionSource first = new();
        Task<bool> running = Use(_ => first.Task);
        StatusException second = await Assert.ThrowsAsync<StatusException>(() => Use(_ => Task.CompletedTask));
        Assert.Equal(Status.State, second.Status);
        first.SetResult();
        Assert.True(await running.WaitAsync(Limit)); // the call that came too early has not hurt it
        Assert.True(await Use(_ => Task.CompletedTask));
    }

    [Fact]
    public async Task AFailureIsGivenAgain()
    {
        await Assert.ThrowsAsync<StatusException>(() => Use(_ => throw new StatusException(Status.Unreachable, "gone")));
        StatusException again = await Assert.ThrowsAsync<StatusException>(() => Use(_ => Task.CompletedTask));
        Assert.Equal((Status.Unreachable, "gone"), (again.Status, again.Message));
    }

    [Fact]
    public async Task DestroyedBetweenCallsItIsDisposedAtOnce()
    {
        await _holder.DestroyAsync();
        await _holder.DestroyAsync();
        Assert.Equal(1, _stream.Disposals);
        Assert.Equal(Status.Canceled, (await Assert.ThrowsAsync<StatusException>(() => Use(_ => Task.CompletedTask))).Status);
    }

    [Fact]
    public async Task DestroyedDuringACallItIsDisposedAfterIt()
    {
        Task<bool> running = Use(token => new TaskCompletionSource().Task.WaitAsync(token));
        await _holder.DestroyAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Limit));
        Assert.Equal(1, _stream.Disposals);
    }

    [Fact]
    public async Task AClientThatClosesStopsIt()
    {
        Assert.False(_stream.IsCancelled);
        await Assert.ThrowsAsync<NullReferenceException>(_client.CloseAsync); // it has no client to dispose
        Assert.True(_stream.IsCancelled);
    }

    private Task<bool> Use(Func<CancellationToken, Task> work) => _holder.UseAsync(
        async (_, token) =>
        {
            await work(token);
            return true;
        },
        CancellationToken.None);

    private sealed class Stream : IAsyncDisposable
    {
        public bool IsCancelled { get; set; }

        public int Disposals { get; private set; }

        public ValueTask DisposeAsync()
        {
            Disposals++;
            return ValueTask.CompletedTask;
        }
    }
}
