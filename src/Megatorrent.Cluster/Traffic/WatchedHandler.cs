using System.Runtime.CompilerServices;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// Stands before the handler of a node: shows each request to the monitor when it begins and ends, and has those of slowed peers wait.
/// What is awaited here is pooled, so that watching a request for data allocates nothing.
/// </summary>
internal sealed class WatchedHandler(IPeerHandler inner, TrafficMonitor monitor, TimeProvider time) : IPeerHandler
{
    /// <inheritdoc/>
    public async ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        TimeSpan wait = monitor.Admit(peer, type);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
        try
        {
            await inner.AdmitAsync(peer, type, cancellationToken);
        }
        catch (MegatorrentException)
        {
            monitor.Watch(peer, type)?.End(type, 0, RequestOutcome.Refused);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken) =>
        WatchAsync(
            monitor.Watch(peer, MessageType.Want), MessageType.Want, 0, (inner, peer, ids, cancellationToken),
            static ask => ask.inner.WantAsync(ask.peer, ask.ids, ask.cancellationToken));

    /// <inheritdoc/>
    public ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        PeerTraffic? traffic = monitor.Watch(peer, MessageType.Get);
        traffic?.Asked(id);
        return WatchAsync(
            traffic, MessageType.Get, length, (inner, peer, id, offset, length, cancellationToken),
            static ask => ask.inner.GetAsync(ask.peer, ask.id, ask.offset, ask.length, ask.cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken) =>
        WatchAsync(
            monitor.Watch(peer, MessageType.Store), MessageType.Store, blob.Length, (inner, peer, id, blob, descriptor, cancellationToken),
            static ask => ask.inner.StoreAsync(ask.peer, ask.id, ask.blob, ask.descriptor, ask.cancellationToken));

    /// <inheritdoc/>
    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        WatchAsync(
            monitor.Watch(peer, MessageType.Find), MessageType.Find, 0, (inner, peer, stripeIds, cancellationToken),
            static ask => ask.inner.FindAsync(ask.peer, ask.stripeIds, ask.cancellationToken));

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken) =>
        await WatchAsync(
            monitor.Watch(peer, MessageType.Notice), MessageType.Notice, 0, (inner, peer, id, kind, cancellationToken),
            static async ask =>
            {
                await ask.inner.NoticeAsync(ask.peer, ask.id, ask.kind, ask.cancellationToken);
                return true;
            });

    /// <inheritdoc/>
    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        WatchAsync(
            monitor.Watch(peer, MessageType.Status), MessageType.Status, query.Length, (inner, peer, query, cancellationToken),
            static ask => ask.inner.StatusAsync(ask.peer, ask.query, ask.cancellationToken));

    /// <inheritdoc/>
    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        inner.GossipAsync(peer, body, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        inner.ProbeAsync(peer, body, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        WatchAsync(
            monitor.Watch(peer, MessageType.Join), MessageType.Join, body.Length, (inner, peer, body, cancellationToken),
            static ask => ask.inner.JoinAsync(ask.peer, ask.body, ask.cancellationToken));

    // The handler is asked inside, since it may also refuse before it first waits.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<T> WatchAsync<T, TAsk>(
        PeerTraffic? traffic, MessageType type, long bytes, TAsk ask, Func<TAsk, ValueTask<T>> answerAsync)
    {
        var outcome = RequestOutcome.Other;
        try
        {
            T answer = await answerAsync(ask);
            outcome = RequestOutcome.Answered;
            return answer;
        }
        catch (MegatorrentException exception)
        {
            outcome = OutcomeOf(exception.Kind);
            throw;
        }
        finally
        {
            traffic?.End(type, bytes, outcome);
        }
    }

    private static RequestOutcome OutcomeOf(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound => RequestOutcome.NotFound,
        ErrorKind.Integrity => RequestOutcome.BadData,
        ErrorKind.Unauthorized or ErrorKind.InvalidArgument or ErrorKind.Malformed or ErrorKind.Unsupported => RequestOutcome.Refused,
        _ => RequestOutcome.Other,
    };
}
