using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Tests.Support;

/// <summary>Stands before an honest node and hands everything on; whoever derives from it changes what it wants to lie about.</summary>
internal abstract class ForwardingHandler(IPeerHandler honest) : IPeerHandler
{
    public virtual ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken) =>
        honest.AdmitAsync(peer, type, cancellationToken);

    public virtual ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken) =>
        honest.WantAsync(peer, ids, cancellationToken);

    public virtual ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken) =>
        honest.GetAsync(peer, id, offset, length, cancellationToken);

    public virtual ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken) =>
        honest.StoreAsync(peer, id, blob, descriptor, cancellationToken);

    public virtual ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        honest.FindAsync(peer, stripeIds, cancellationToken);

    public virtual ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken) =>
        honest.NoticeAsync(peer, id, kind, cancellationToken);

    public virtual ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        honest.StatusAsync(peer, query, cancellationToken);

    public virtual ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        honest.GossipAsync(peer, body, cancellationToken);

    public virtual ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        honest.ProbeAsync(peer, body, cancellationToken);

    public virtual ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        honest.JoinAsync(peer, body, cancellationToken);
}
