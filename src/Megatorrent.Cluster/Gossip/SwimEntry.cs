using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>What the failure detector keeps about one other member.</summary>
internal sealed class SwimEntry(NodeRecord record, MemberState state, DateTimeOffset since)
{
    /// <summary>The newest record; its incarnation is the one the state is about.</summary>
    public NodeRecord Record { get; set; } = record;

    /// <summary>What is believed.</summary>
    public MemberState State { get; set; } = state;

    /// <summary>When the state began.</summary>
    public DateTimeOffset Since { get; set; } = since;

    /// <summary>While suspect: when it is declared dead.</summary>
    public DateTimeOffset SuspectDeadline { get; set; }

    /// <summary>When it last answered this node, or asked it.</summary>
    public DateTimeOffset LastHeard { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Number of the change that touched it last: what changed most recently is gossiped first.</summary>
    public long Change { get; set; }

    /// <summary>Whether tables were exchanged with it since it came to life; until then it is pinged out of turn.</summary>
    public bool Greeted { get; set; }
}
