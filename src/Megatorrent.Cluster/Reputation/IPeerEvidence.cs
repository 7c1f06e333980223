using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Reputation;

/// <summary>Takes what this node has seen itself of the correctness of others: from repair, from audits. Quick; thread-safe.</summary>
internal interface IPeerEvidence
{
    /// <summary>Something was seen.</summary>
    void Observed(NodeId member, PeerEvidence evidence);
}
