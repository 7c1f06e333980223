using Megatorrent.Core.Hashing;

namespace Megatorrent.Cluster.Entropy;

/// <summary>What one comparison found.</summary>
internal sealed class EntropyResult
{
    /// <summary>
    /// Whether every member answered by the same layout and every blob of the stripes that this node compares is held as it should.
    /// </summary>
    public bool IsEqual { get; set; }

    /// <summary>Why nothing can be said; null when the comparison is complete.</summary>
    public string? Unknown { get; set; }

    /// <summary>Whether more differs than a comparison follows to the end; then <see cref="Different"/> is not complete.</summary>
    public bool IsTooMuch { get; set; }

    /// <summary>Stripes of which not every blob is held exactly as often as it should, or not with its descriptor.</summary>
    public List<BlobId> Different { get; } = [];

    /// <summary>Bytes of all questions and answers.</summary>
    public long Bytes { get; set; }

    /// <summary>Questions asked.</summary>
    public int Questions { get; set; }
}
