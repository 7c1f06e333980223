using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Reputation;

/// <summary>Gives evidence on to several takers. Immutable after the node has started.</summary>
internal sealed class EvidenceHub(params IPeerEvidence[] takers) : IPeerEvidence
{
    /// <inheritdoc/>
    public void Observed(NodeId member, PeerEvidence evidence)
    {
        foreach (IPeerEvidence taker in takers)
            taker.Observed(member, evidence);
    }
}
