namespace Megatorrent.Cluster.Leases;

/// <summary>How the stripes of a node stood at its last look.</summary>
/// <param name="Kept">Stripes with a living lease.</param>
/// <param name="Waiting">Stripes whose leases have all ended, within the safety period.</param>
/// <param name="Due">Those beyond it.</param>
/// <param name="Orphans">Stripes that no lease was ever known for.</param>
/// <param name="Undescribed">Stripes that are kept, or were never leased, whose descriptor is not here: their blobs cannot be told.</param>
internal sealed record LeaseCensus(int Kept, int Waiting, int Due, int Orphans, int Undescribed);
