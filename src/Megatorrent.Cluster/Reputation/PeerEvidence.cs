namespace Megatorrent.Cluster.Reputation;

/// <summary>What a member did with a blob that it said it holds.</summary>
internal enum PeerEvidence
{
    /// <summary>It gave the bytes, and they are those of the id; or passed an audit.</summary>
    Correct,

    /// <summary>It gave other bytes, or failed an audit.</summary>
    Wrong,

    /// <summary>It did not give it.</summary>
    Withheld,
}
