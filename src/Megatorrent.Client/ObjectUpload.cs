using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>
/// A put whose bytes are handed over piece by piece; nothing is buffered beyond the stripes that are under way. One call at a time.
/// Dispose gives up what was not finished; it must not run beside another call.
/// </summary>
public sealed class ObjectUpload : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HandoverStream _bytes = new();
    private readonly Task<PutResult> _put;

    internal ObjectUpload(Func<Stream, CancellationToken, ValueTask<PutResult>> put) => _put = RunAsync(put);

    /// <summary>Completes when nothing is under way any more, finished or not; it never fails.</summary>
    public Task Ended => Task.WhenAny(_put);

    /// <summary>Appends bytes; completes when they were taken, so that a fast writer waits for the network.</summary>
    /// <param name="data">The bytes; not looked at any more once the call has completed, however it ends.</param>
    /// <param name="cancellationToken">Ends the wait, and with it the upload.</param>
    /// <exception cref="MegatorrentException">Why the put has failed; as for put. InvalidArgument: the upload was finished.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        using CancellationTokenRegistration registration = StopWith(cancellationToken);
        if (!await _bytes.HandOverAsync(data))
            await _put; // it has ended: says why
    }

    /// <summary>Ends the bytes and completes when everything is stored.</summary>
    /// <param name="cancellationToken">Ends the wait, and with it the upload.</param>
    /// <exception cref="MegatorrentException">As for put; nothing is acknowledged.</exception>
    public async ValueTask<PutResult> FinishAsync(CancellationToken cancellationToken = default)
    {
        using CancellationTokenRegistration registration = StopWith(cancellationToken);
        _bytes.Complete();
        return await _put;
    }

    /// <summary>Gives the upload up, from any thread and beside any call, which then fails as cancelled.</summary>
    public void Cancel()
    {
        _stop.Cancel();
        _bytes.Abandon();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Cancel();
        await Task.WhenAny(_put); // an upload that is given up reports nothing
    }

    private CancellationTokenRegistration StopWith(CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(
        static state => ((ObjectUpload)state!).Cancel(), this);

    private async Task<PutResult> RunAsync(Func<Stream, CancellationToken, ValueTask<PutResult>> put)
    {
        try
        {
            return await put(_bytes, _stop.Token);
        }
        finally
        {
            _bytes.Abandon(); // whoever waits to hand over learns that nobody takes any more
        }
    }
}
