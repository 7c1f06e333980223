namespace Megatorrent.Cluster.Traffic;

/// <summary>What is watched of each peer; docs/spec/reputation.md, "Features".</summary>
internal enum Feature
{
    /// <summary>Questions without transfers, log2 of their number.</summary>
    Questions,

    /// <summary>Share of requests that were refused.</summary>
    Refusals,

    /// <summary>Share of gets for what is not here.</summary>
    NotFounds,

    /// <summary>Share of a node's gets for what it had got a moment before.</summary>
    Repeats,

    /// <summary>How far the ids asked for begin alike: 0 for evenly spread, 1 for all alike.</summary>
    Prefixes,

    /// <summary>Bits of entropy of the types of request; never flags by itself.</summary>
    Shape,

    /// <summary>Bytes, log2 of their number; never flags by itself.</summary>
    Bytes,

    /// <summary>Stores of bytes that are not their ids'.</summary>
    BadStores,

    /// <summary>Wrong blobs that this node got from the peer, or failed audits.</summary>
    WrongBlobs,

    /// <summary>Blobs that the peer said it holds, and did not give.</summary>
    Withheld,
}
