using Megatorrent.Cluster.Services;
using Megatorrent.Core.Hashing;
using Megatorrent.Network;

namespace Megatorrent.Cluster.Leases;

/// <summary>The members over the node's connections.</summary>
/// <param name="parts">The node.</param>
internal sealed class PartsLeasePeers(NodeParts parts) : ILeasePeers
{
    /// <inheritdoc/>
    public ClusterView View => parts.Membership.View;

    /// <inheritdoc/>
    public ValueTask<byte[]> AskAsync(Member member, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        parts.AskAsync(member, name, body, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<byte[]?[]> FindAsync(Member member, ReadOnlyMemory<BlobId> stripes, CancellationToken cancellationToken)
    {
        PeerConnection connection = await parts.Pool.GetAsync(member.Endpoint, member.Id, cancellationToken);
        return await connection.FindAsync(stripes, cancellationToken);
    }
}
