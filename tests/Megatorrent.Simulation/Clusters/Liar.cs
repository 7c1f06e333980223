using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network;
using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Clusters;

/// <summary>Stands before an honest node, with its identity, and lies.</summary>
internal sealed class Liar(IPeerHandler honest, Lies lies, SimRandom random) : IPeerHandler
{
    private const double LieChance = 0.7;

    public void Authorize(PeerIdentity peer, MessageType type) => honest.Authorize(peer, type);

    public async ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        bool[] has = await honest.WantAsync(peer, ids, cancellationToken);
        for (int i = 0; i < has.Length; i++)
            has[i] |= lies.HasFlag(Lies.Claims) && random.Chance(LieChance);
        return has;
    }

    public async ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        BlobLease lease = await honest.GetAsync(peer, id, offset, length, cancellationToken);
        if (lies.HasFlag(Lies.WrongBytes) && lease.Length > 0 && random.Chance(LieChance))
            lease.Memory.Span[random.Below(lease.Length)] ^= 0x40;
        return lease;
    }

    public ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        if (!lies.HasFlag(Lies.Drops) || descriptor.IsEmpty || !random.Chance(LieChance))
            return honest.StoreAsync(peer, id, blob, descriptor, cancellationToken);
        StripeDescriptor.Decode(descriptor.Span);
        return ValueTask.FromResult(true);
    }

    public ValueTask<byte[]?[]> FindAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken) =>
        honest.FindAsync(peer, stripeIds, cancellationToken);

    public ValueTask NoticeAsync(PeerIdentity peer, BlobId id, NoticeKind kind, CancellationToken cancellationToken) =>
        honest.NoticeAsync(peer, id, kind, cancellationToken);

    public ValueTask<byte[]> StatusAsync(PeerIdentity peer, ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        honest.StatusAsync(peer, query, cancellationToken);

    public ValueTask<byte[]> GossipAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        honest.GossipAsync(peer, body, cancellationToken);

    public ValueTask<byte[]> ProbeAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        honest.ProbeAsync(peer, body, cancellationToken);

    public ValueTask<byte[]> JoinAsync(PeerIdentity peer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        honest.JoinAsync(peer, body, cancellationToken);
}
