namespace Megatorrent.Cluster;

/// <summary>One member in a <see cref="NodeStatus"/>, in plain types.</summary>
public sealed record MemberStatus
{
    internal const string ActiveMode = "active"; // what is not written

    /// <summary>Node id, 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Where it listens, "host:port".</summary>
    public required string Endpoint { get; init; }

    /// <summary>Failure domain.</summary>
    public required string Domain { get; init; }

    /// <summary>"alive", "suspect" or "dead".</summary>
    public required string State { get; init; }

    /// <summary>What the layout has it do: "active" or "draining".</summary>
    public string Mode { get; init; } = ActiveMode;

    /// <summary>Its share of the data relative to others.</summary>
    public long Weight { get; init; }

    /// <summary>Its incarnation: how often it described itself anew.</summary>
    public long Incarnation { get; init; }

    /// <summary>When the state began, milliseconds of Unix time on the clock of the node that reports.</summary>
    public long SinceUnixMs { get; init; }
}
