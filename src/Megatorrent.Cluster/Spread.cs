namespace Megatorrent.Cluster;

/// <summary>
/// How a stripe is kept apart: at which level of the domain paths, and how many of its blobs one domain of that level may hold.
/// docs/spec/layout.md, "Failure domains".
/// </summary>
/// <param name="Level">Components of the path that make a domain, 1 for the widest; above the length of a path it is the whole path.</param>
/// <param name="Quota">Blobs of the stripe in one such domain at most.</param>
public readonly record struct Spread(int Level, int Quota)
{
    /// <summary>Over whole paths.</summary>
    /// <param name="totalBlobs">Blobs (or copies) of the stripe at full strength.</param>
    /// <param name="domainsKnown">Distinct domains.</param>
    public static Spread Over(int totalBlobs, int domainsKnown) =>
        new(int.MaxValue, Placement.QuotaPerDomain(totalBlobs, domainsKnown));
}
