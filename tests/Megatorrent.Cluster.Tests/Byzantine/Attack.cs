namespace Megatorrent.Cluster.Tests.Byzantine;

/// <summary>What a hostile member asks of others.</summary>
public enum Attack
{
    /// <summary>Blobs that are not what their id says, of another stripe, too short, with noise for a descriptor; and replays.</summary>
    WrongStores,

    /// <summary>Every blob is said to be missing and to be damaged.</summary>
    FalseNotices,

    /// <summary>Ranges that no blob has.</summary>
    AbsurdGets,

    /// <summary>Everybody else is dead.</summary>
    ForgedDeaths,

    /// <summary>Others listen elsewhere now.</summary>
    ForgedMoves,

    /// <summary>Hundreds of members with ids near those of stripes, of another cluster.</summary>
    Sybils,

    /// <summary>Old gossip, again and again.</summary>
    ReplayedGossip,

    /// <summary>Others have what the node has.</summary>
    SurplusLies,

    /// <summary>The ends of leases that are others'.</summary>
    LeasesOfOthers,

    /// <summary>Accusations of every honest node.</summary>
    FalseAccusations,

    /// <summary>Nobody else is worth anything.</summary>
    BadOpinions,

    /// <summary>A change of the layout, without an admin's certificate.</summary>
    LayoutWithoutRight,

    /// <summary>Noise of every length to every question that there is.</summary>
    NoiseEverywhere,

    /// <summary>Hundreds of the largest requests at once.</summary>
    Floods,

    /// <summary>Hundreds of connections on which nothing comes, or half a handshake.</summary>
    IdleConnections,
}
