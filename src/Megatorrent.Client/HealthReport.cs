namespace Megatorrent.Client;

/// <summary>
/// The health of an object, from evidence with its age: nothing was read but its manifests. Green only where every blob has evidence
/// younger than the bound; an error that nobody saw is no evidence.
/// </summary>
public sealed record HealthReport
{
    /// <summary>The age, in milliseconds, past which evidence says nothing.</summary>
    public required long MaxAgeMs { get; init; }

    /// <summary>The worst state of any stripe.</summary>
    public required HealthState State { get; init; }

    /// <summary>Stripes, manifests included.</summary>
    public required int Stripes { get; init; }

    /// <summary>Stripes in each state, in the order of <see cref="HealthState"/>.</summary>
    public required IReadOnlyDictionary<HealthState, int> ByState { get; init; }

    /// <summary>Blobs (or copies) that should be there.</summary>
    public required int Blobs { get; init; }

    /// <summary>Blobs with evidence younger than the bound.</summary>
    public required int FreshBlobs { get; init; }

    /// <summary>Blobs that somebody reachable says to hold.</summary>
    public required int HeldBlobs { get; init; }

    /// <summary>Fresh blobs that another node than the holder found right.</summary>
    public required int AuditedBlobs { get; init; }

    /// <summary>
    /// The age, in milliseconds, of the newest evidence of the blob that has the oldest: the object was whole that long ago, as far as is
    /// known. Null when some blob has none at all.
    /// </summary>
    public required long? OldestMs { get; init; }

    /// <summary>Living members that did not answer; what they hold counts as not held.</summary>
    public required int Silent { get; init; }

    /// <summary>The worst stripes that are not healthy, at most <see cref="WorstMax"/>.</summary>
    public required IReadOnlyList<StripeEvidence> Worst { get; init; }

    /// <summary>Stripes that a report names.</summary>
    public const int WorstMax = 100;
}
