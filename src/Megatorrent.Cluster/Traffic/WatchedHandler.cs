using System.Runtime.CompilerServices;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Traffic;

/// <summary>
/// Stands before the handler of a node: shows each request to the monitor when it begins and ends, and turns away those of slowed peers.
/// What is awaited here is pooled, so that watching allocates nothing.
/// </summary>
internal sealed class WatchedHandler(IPeerHandler inner, TrafficMonitor monitor) : IPeerHandler
{
    /// <inheritdoc/>
    public void Authorize(PeerIdentity peer, MessageType type)
    {
        try
        {
            inner.Authorize(peer, type);
        }
        catch (MegatorrentException)
        {
            monitor.Begin(peer, type)?.End(type, 0, RequestOutcome.Refused);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken) =>
        WatchAsync(monitor.Begin(peer, MessageType.Want), MessageType.Want, 0, inner.WantAsync(peer, ids, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        PeerTraffic? traffic = monitor.Begin(peer, MessageType.Get);
        traffic?.Asked(id);
        return WatchAsync(traffic, MessageType.Get, length, inner.GetAsync(peer, id, offset, length, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken) =>
        WatchAsync(
            monitor.Begin(peer, MessageType.Store), MessageType.Store, blob.Length,
            inner.StoreAsync(peer, id, blob, descriptor, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        WatchAsync(monitor.Begin(peer, MessageType.Find), MessageType.Find, 0, inner.FindAsync(peer, stripeIds, cancellationToken));

    /// <inheritdoc/>
    public ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken) =>
        WatchAsync(monitor.Begin(peer, MessageType.Notice), MessageType.Notice, inner.NoticeAsync(peer, id, kind, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        WatchAsync(monitor.Begin(peer, MessageType.Status), MessageType.Status, query.Length, inner.StatusAsync(peer, query, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        inner.GossipAsync(peer, body, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        inner.ProbeAsync(peer, body, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        WatchAsync(monitor.Begin(peer, MessageType.Join), MessageType.Join, body.Length, inner.JoinAsync(peer, body, cancellationToken));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<T> WatchAsync<T>(PeerTraffic? traffic, MessageType type, long bytes, ValueTask<T> answering)
    {
        var outcome = RequestOutcome.Other;
        try
        {
            T answer = await answering;
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask WatchAsync(PeerTraffic? traffic, MessageType type, ValueTask answering)
    {
        var outcome = RequestOutcome.Other;
        try
        {
            await answering;
            outcome = RequestOutcome.Answered;
        }
        catch (MegatorrentException exception)
        {
            outcome = OutcomeOf(exception.Kind);
            throw;
        }
        finally
        {
            traffic?.End(type, 0, outcome);
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
