using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Leases;

/// <summary>
/// The other members, as leases see them. The questions throw <see cref="Core.MegatorrentException"/> with the member's answer, or Unreachable
/// or Timeout.
/// </summary>
internal interface ILeasePeers
{
    /// <summary>Who is in the cluster now, this node too.</summary>
    ClusterView View { get; }

    /// <summary>Asks a member a question of this service.</summary>
    ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>The stripes' descriptors, null for those that the member does not have. Not validated.</summary>
    ValueTask<byte[]?[]> FindAsync(Member member, ReadOnlyMemory<BlobId> stripes, CancellationToken cancellationToken);
}
