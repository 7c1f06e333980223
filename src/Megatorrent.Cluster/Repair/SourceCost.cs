namespace Megatorrent.Cluster.Repair;

/// <summary>What it costs to fetch a blob from a member, the weightiest first. Smaller is better.</summary>
/// <param name="Remote">0 for this node, 1 for any other.</param>
/// <param name="Distance">The nearer, the smaller: minus the leading parts that the failure domains share.</param>
/// <param name="UnderWay">Fetches of this node that the member is serving.</param>
/// <param name="Pace">How slow earlier fetches were, in steps; the least for who was never asked, so that everybody is tried.</param>
internal readonly record struct SourceCost(int Remote, int Distance, int UnderWay, int Pace) : IComparable<SourceCost>
{
    /// <inheritdoc/>
    public int CompareTo(SourceCost other) =>
        (Remote, Distance, UnderWay, Pace).CompareTo((other.Remote, other.Distance, other.UnderWay, other.Pace));
}
