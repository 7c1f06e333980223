using Megatorrent.Cluster;
using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>One blob asked for from one member, within a <see cref="StripeRead"/>.</summary>
internal sealed class FetchAttempt : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _alarmStop = new();
    private readonly TimeProvider _time;
    private readonly long _begun;

    /// <summary>Begins it.</summary>
    public FetchAttempt(
        int index, Member member, Func<CancellationToken, ValueTask<BlobLease?>> fetch, TimeProvider time, TimeSpan delay,
        CancellationToken cancellationToken)
    {
        Index = index;
        Member = member;
        _time = time;
        _begun = time.GetTimestamp();
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Blob = fetch(_stop.Token).AsTask();
        Alarm = Blob.IsCompleted ? Task.CompletedTask : Task.Delay(delay, time, _alarmStop.Token);
    }

    /// <summary>Which blob of the stripe.</summary>
    public int Index { get; }

    /// <summary>From whom.</summary>
    public Member Member { get; }

    /// <summary>The verified blob; null when the member cannot give it.</summary>
    public Task<BlobLease?> Blob { get; }

    /// <summary>Completes when the answer is late, or is looked at again because it still is.</summary>
    public Task Alarm { get; private set; }

    /// <summary>Whether the answer is late.</summary>
    public bool IsLate { get; set; }

    /// <summary>Since it was begun.</summary>
    public TimeSpan Waited => _time.GetElapsedTime(_begun);

    /// <summary>Looks again after a time.</summary>
    public void Rearm(TimeSpan delay) => Alarm = Task.Delay(delay, _time, _alarmStop.Token);

    /// <summary>Gives the request up, and waits until it has let go of its memory.</summary>
    public async ValueTask StopAsync()
    {
        _stop.Cancel();
        try
        {
            (await Blob)?.Dispose();
        }
        catch (Exception exception) when (exception is MegatorrentException or OperationCanceledException)
        {
            // It was wanted no more.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _alarmStop.Cancel();
        _alarmStop.Dispose();
        _stop.Dispose();
    }
}
