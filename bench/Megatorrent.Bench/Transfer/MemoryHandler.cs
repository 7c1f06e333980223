using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;

namespace Megatorrent.Bench.Transfer;

/// <summary>Lends blobs from memory, and serves nothing else.</summary>
internal sealed class MemoryHandler(BlobMemory blobs, Dictionary<BlobId, int> places) : IPeerHandler
{
    public ValueTask AdmitAsync(PeerIdentity peer, MessageType type, CancellationToken cancellationToken)
    {
        RoleRules.Require(peer, type);
        return ValueTask.CompletedTask;
    }

    public ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        if (!places.TryGetValue(id, out int place))
            throw new MegatorrentException(ErrorKind.NotFound, "No such blob.");
        return ValueTask.FromResult(BlobLease.Over(blobs.Memory(place).Slice((int)offset, length)));
    }

    public ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken) => throw Unserved();

    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken) =>
        throw Unserved();

    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        throw Unserved();

    public ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken) => throw Unserved();

    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) => throw Unserved();

    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw Unserved();

    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw Unserved();

    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw Unserved();

    private static MegatorrentException Unserved() => new(ErrorKind.Unsupported, "This node only serves gets.");
}
