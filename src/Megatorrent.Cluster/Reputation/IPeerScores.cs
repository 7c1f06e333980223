using Megatorrent.Core.Wire;

namespace Megatorrent.Cluster.Reputation;

/// <summary>
/// How well members serve, for choosing between sources where the choice is free. A score is a preference: it never makes anybody delete
/// data, count a blob as missing, or believe a member dead. Thread-safe.
/// </summary>
internal interface IPeerScores
{
    /// <summary>0 (useless or lying) to 1 (quick, always there, never wrong); 0.5 for who is unknown, 1 for this node itself.</summary>
    double ScoreOf(NodeId member);

    /// <summary>
    /// The score in steps of a tenth, for ordering: members that are about as good stay in the order in which they were, so that small
    /// differences do not send all load to one.
    /// </summary>
    int RankOf(NodeId member) => (int)Math.Round(ScoreOf(member) * 10);
}
