using Megatorrent.Cluster.Coordination;
using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster;

/// <summary>One node as the cluster sees it at one moment: its signed record and the state it is believed to be in. Immutable.</summary>
public sealed class Member
{
    private readonly LayoutNode? _layout;

    /// <summary>Joins a validated record with a state.</summary>
    /// <param name="record">The node's signed description of itself; whoever builds a member has validated it.</param>
    /// <param name="state">What is believed about the node.</param>
    /// <param name="since">When that state began, on the clock of the observer.</param>
    /// <param name="layout">What the layout says about the node; null when nothing.</param>
    public Member(NodeRecord record, MemberState state, DateTimeOffset since, LayoutNode? layout = null)
    {
        ArgumentNullException.ThrowIfNull(record);
        Record = record;
        State = state;
        Since = since;
        _layout = layout;
        Path = DomainPath.Prefixes(Domain);
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
    public string Domain => _layout?.Domain ?? Record.Domain;

    /// <summary>Its share of the data relative to others, at least 1; by default its capacity in GiB.</summary>
    public long Weight => _layout?.Weight ?? Record.Weight;

    /// <summary>What the layout has it do.</summary>
    public NodeMode Mode => _layout?.Mode ?? NodeMode.Active;

    /// <summary>Whether it may be given blobs that it does not hold; one that drains is only read from.</summary>
    public bool TakesBlobs => Mode == NodeMode.Active;

    /// <summary>The id that it is ranked by: its own, or that of the node whose place it took.</summary>
    internal NodeId PlaceId => _layout?.Place ?? Id;

    /// <summary>Every failure domain that it is in, the widest first.</summary>
    internal string[] Path { get; }

    /// <summary>
    /// Whether it counts as living: not <see cref="MemberState.Dead"/>. A suspect still counts, so that one lost packet moves nothing.
    /// </summary>
    public bool IsLiving => State != MemberState.Dead;

    /// <summary>
    /// Whether the observer gives it no new blobs, as its audits went unanswered or wrong. What it holds can still be read and verified.
    /// </summary>
    public bool IsSuspended { get; init; }

    /// <summary>The same member, suspended.</summary>
    internal Member Suspended() => new(Record, State, Since, _layout) { IsSuspended = true };

    /// <summary>How many of its failure domains, from the widest on, are also those of a path: 0 when it is of another site.</summary>
    /// <param name="path">A site, or a longer path such as "site/rack/host".</param>
    public int Nearness(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return DomainPath.Shared(Path, DomainPath.Prefixes(path));
    }

    /// <summary>The failure domain at a level: the first components of the path, or all when it has no more.</summary>
    internal string DomainAt(int level) => Path[Math.Min(level, Path.Length) - 1];

    /// <summary>The same node under a layout.</summary>
    internal Member Under(LayoutNode? layout) => ReferenceEquals(layout, _layout) ? this
        : new Member(Record, State, Since, layout) { IsSuspended = IsSuspended };

    /// <summary>"1f2e3d4c5b alive 10.0.0.4:4100".</summary>
    public override string ToString() => $"{Id.ToShortString()} {State.ToText()} {Endpoint}";
}
