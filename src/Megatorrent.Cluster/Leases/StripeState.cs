namespace Megatorrent.Cluster.Leases;

/// <summary>What a node knows of one stripe's leases; the numbers travel in the answer to `lease-state`.</summary>
internal enum StripeState : byte
{
    /// <summary>Its descriptor is not here, and no lease of it is known.</summary>
    Unknown = 0,

    /// <summary>A lease of it lives.</summary>
    Kept = 1,

    /// <summary>Every lease of it that is known has ended.</summary>
    Ended = 2,

    /// <summary>Its descriptor is here, and no lease of it was ever known.</summary>
    Orphan = 3,
}
