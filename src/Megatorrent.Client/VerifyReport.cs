namespace Megatorrent.Client;

/// <summary>The evidence of a verify: every blob of every stripe was read and hashed.</summary>
public sealed record VerifyReport
{
    /// <summary>Stripes, manifests included.</summary>
    public required int Stripes { get; init; }

    /// <summary>Stripes whose every blob (or copy) was read and is right.</summary>
    public required int HealthyStripes { get; init; }

    /// <summary>Blobs (or copies) that should be there.</summary>
    public required int Blobs { get; init; }

    /// <summary>Blobs (or copies) that were read and are right.</summary>
    public required int GoodBlobs { get; init; }

    /// <summary>Blobs (or copies) that no living node has.</summary>
    public required int MissingBlobs { get; init; }

    /// <summary>Copies that a node has, or says it has, and that are not right.</summary>
    public required IReadOnlyList<BadBlob> BadBlobs { get; init; }

    /// <summary>How many more blobs the weakest stripe can lose: 0 means the next loss is final, below 0 that it is lost.</summary>
    public required int LowestMargin { get; init; }

    /// <summary>Whether every stripe has enough blobs to be read.</summary>
    public bool Recoverable => LowestMargin >= 0;

    /// <summary>Whether every stripe has every blob.</summary>
    public bool Healthy => HealthyStripes == Stripes && BadBlobs.Count == 0;
}
