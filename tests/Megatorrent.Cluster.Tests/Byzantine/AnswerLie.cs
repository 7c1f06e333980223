namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>What a hostile member answers to those that ask it.</summary>
public enum AnswerLie
{
    /// <summary>It has every blob.</summary>
    ClaimsAll,

    /// <summary>It has none, not even those that it was given.</summary>
    ClaimsNone,

    /// <summary>Blobs with a byte changed.</summary>
    WrongBytes,

    /// <summary>Nothing, for ever.</summary>
    Stalls,

    /// <summary>Every store is acknowledged, none is kept.</summary>
    DropsStores,

    /// <summary>It is full.</summary>
    RefusesStores,

    /// <summary>For each stripe the descriptor of another one, or noise.</summary>
    ForgedDescriptors,

    /// <summary>Questions are answered with noise.</summary>
    NoiseStatus,

    /// <summary>Questions are answered with as much as a message holds.</summary>
    HugeStatus,

    /// <summary>Questions are answered with what was said first, whatever is asked now.</summary>
    ReplayedStatus,

    /// <summary>Gossip and probes are answered with noise.</summary>
    NoiseGossip,

    /// <summary>Everybody else is dead.</summary>
    DeadGossip,

    /// <summary>There are hundreds of other members, with ids near those of stripes and certificates of no cluster.</summary>
    SybilGossip,

    /// <summary>Well-formed proofs of having blobs, that are none.</summary>
    FalseProofs,

    /// <summary>Any error, also such as no node gives.</summary>
    StrangeErrors,
}
