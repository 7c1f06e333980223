using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Gossip;

/// <summary>One question whether a member lives: first a ping, then others' probes.</summary>
internal sealed class SwimRound(long number, NodeId target, DateTimeOffset started, DateTimeOffset deadline, bool reconnect)
{
    /// <summary>The round's name.</summary>
    public long Number { get; } = number;

    /// <summary>Who is asked about.</summary>
    public NodeId Target { get; } = target;

    /// <summary>When the ping went out.</summary>
    public DateTimeOffset Started { get; set; } = started;

    /// <summary>When this stage ends without an answer.</summary>
    public DateTimeOffset Deadline { get; set; } = deadline;

    /// <summary>An attempt to reach a dead member: failure means nothing new.</summary>
    public bool Reconnect { get; } = reconnect;

    /// <summary>Whether others are being asked.</summary>
    public bool Indirect { get; set; }

    /// <summary>Helpers whose answer is outstanding.</summary>
    public int HelpersPending { get; set; }

    /// <summary>Why the ping failed, for the log.</summary>
    public string? Reason { get; set; }
}
