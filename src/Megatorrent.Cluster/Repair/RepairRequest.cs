using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Repair;

/// <summary>What a cycle is to do beyond looking after the stripes that this node is responsible for.</summary>
internal sealed record RepairRequest
{
    /// <summary>Whether to wait for nobody: neither for members within their grace time nor for clients that are storing.</summary>
    public bool IgnoreGrace { get; init; }

    /// <summary>Whether to make sure that every holder has the descriptor, of healthy stripes too.</summary>
    public bool CheckDescriptors { get; init; }

    /// <summary>Blobs that were found damaged or missing: their stripes are looked after whoever is responsible.</summary>
    public IReadOnlySet<BlobId> LostBlobs { get; init; } = new HashSet<BlobId>();

    /// <summary>
    /// Stripes that are known to differ from what they should be: nothing else is looked at, and this node restores them whoever is
    /// responsible. Null for a cycle over everything.
    /// </summary>
    public IReadOnlySet<BlobId>? Only { get; init; }

    /// <summary>Stripes of which this node may hold too much, and whose safety wait is over.</summary>
    public IReadOnlySet<BlobId> Surplus { get; init; } = new HashSet<BlobId>();

    /// <summary>Stripes whose descriptor this node has lost.</summary>
    public IReadOnlySet<BlobId> LostStripes { get; init; } = new HashSet<BlobId>();
}
