using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Repair;

/// <summary>A stripe to be restored; the most endangered comes first.</summary>
/// <param name="DomainMargin">Failure domains that it can still lose (<see cref="StripePlan.DomainMargin"/>).</param>
/// <param name="Margin">Blobs that it can still lose (<see cref="StripePlan.Margin"/>).</param>
/// <param name="Stripe">The stripe.</param>
/// <param name="Bytes">What its restoration will move, by estimate.</param>
internal readonly record struct RepairJob(int DomainMargin, int Margin, BlobId Stripe, long Bytes) : IComparable<RepairJob>
{
    /// <inheritdoc/>
    public int CompareTo(RepairJob other) =>
        (DomainMargin, Margin, Stripe).CompareTo((other.DomainMargin, other.Margin, other.Stripe));
}
