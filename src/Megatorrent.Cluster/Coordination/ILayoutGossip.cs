using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Coordination;

/// <summary>What the membership's gossip tells and hears about layouts, where it is gossip that spreads them.</summary>
internal interface ILayoutGossip
{
    /// <summary>The layout that this node has.</summary>
    LayoutHead Head { get; }

    /// <summary>A member said which layout it has. Quick, and never throws.</summary>
    void Heard(NodeId peer, LayoutHead head);
}
