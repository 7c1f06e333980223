using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>One node as the cluster sees it at one moment: its signed record and the state it is believed to be in. Immutable.</summary>
public sealed class Member
{
    /// <summary>Joins a validated record with a state.</summary>
    /// <param name="record">The node's signed description of itself; whoever builds a member has validated it.</param>
    /// <param name="state">What is believed about the node.</param>
    /// <param name="since">When that state began, on the clock of the observer.</param>
    public Member(NodeRecord record, MemberState state, DateTimeOffset since)
    {
        ArgumentNullException.ThrowIfNull(record);
        Record = record;
        State = state;
        Since = since;
    }

    /// <summary>The node's signed description of itself.</summary>
    public NodeRecord Record { get; }

    /// <summary>What is believed about the node.</summary>
    public MemberState State { get; }

    /// <summary>When <see cref="State"/> began, on the clock of whoever made this snapshot.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>The node's name.</summary>
    public NodeId Id => Record.Id;

    /// <summary>Where it listens, "host:port".</summary>
    public string Endpoint => Record.Endpoint;

    /// <summary>The failure domain: nodes of one domain are expected to fail together.</summary>
    public string Domain => Record.Domain;

    /// <summary>Its share of the data relative to others, at least 1; by default its capacity in GiB.</summary>
    public long Weight => Record.Weight;

    /// <summary>
    /// Whether it counts as living: not <see cref="MemberState.Dead"/>. A suspect still counts, so that one lost packet moves nothing.
    /// </summary>
    public bool IsLiving => State != MemberState.Dead;

    /// <summary>
    /// Whether the observer gives it no new blobs, as its audits went unanswered or wrong. What it holds can still be read and verified.
    /// </summary>
    public bool IsSuspended { get; init; }

    /// <summary>"1f2e3d4c5b alive 10.0.0.4:4100".</summary>
    public override string ToString() => $"{Id.ToShortString()} {State.ToText()} {Endpoint}";
}
