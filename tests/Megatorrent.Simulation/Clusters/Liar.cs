using Megatorrent.Cluster.Tests.Support;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;
using Megatorrent.Core.Wire;
using Megatorrent.Network;
using Megatorrent.Simulation.Engine;

namespace Megatorrent.Simulation.Clusters;

/// <summary>Stands before an honest node, with its identity, and lies.</summary>
internal sealed class Liar(IPeerHandler honest, Lies lies, SimRandom random) : ForwardingHandler(honest)
{
    private const double LieChance = 0.7;

    public override async ValueTask<bool[]> WantAsync(PeerIdentity peer, ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        bool[] has = await base.WantAsync(peer, ids, cancellationToken);
        for (int i = 0; i < has.Length; i++)
            has[i] |= lies.HasFlag(Lies.Claims) && random.Chance(LieChance);
        return has;
    }

    public override async ValueTask<BlobLease> GetAsync(PeerIdentity peer, BlobId id, long offset, int length, CancellationToken cancellationToken)
    {
        BlobLease lease = await base.GetAsync(peer, id, offset, length, cancellationToken);
        if (lies.HasFlag(Lies.WrongBytes) && lease.Length > 0 && random.Chance(LieChance))
            lease.Memory.Span[random.Below(lease.Length)] ^= 0x40;
        return lease;
    }

    public override ValueTask<bool> StoreAsync(
        PeerIdentity peer, BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        if (!lies.HasFlag(Lies.Drops) || descriptor.IsEmpty || !random.Chance(LieChance))
            return base.StoreAsync(peer, id, blob, descriptor, cancellationToken);
        StripeDescriptor.Decode(descriptor.Span);
        return ValueTask.FromResult(true);
    }
}
