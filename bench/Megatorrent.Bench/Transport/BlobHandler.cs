using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Bench.Transport;

/// <summary>A node that has one blob, in memory, and gives that.</summary>
internal sealed class BlobHandler(BlobId id, byte[] blob) : IPeerHandler
{
    public ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        RoleRules.Require(peer, type);
        return default;
    }

    public ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId wanted, long offset, int length, CancellationToken cancellationToken)
    {
        if (wanted != id)
            throw Refused();
        BlobLease lease = BlobLease.Rent(length);
        blob.AsSpan((int)offset, length).CopyTo(lease.Memory.Span);
        return new ValueTask<BlobLease>(lease);
    }

    public ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId stored, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> descriptor,
        CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask NoticeAsync(PeerIdentity peer, BlobId noticed, NoticeKind kind, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        throw Refused();

    private static MegatorrentException Refused() =>
        new(ErrorKind.Unsupported, "This node of a benchmark gives one blob and does nothing else.");
}
