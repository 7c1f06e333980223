using Megatorrent.Cluster;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>What was read and hashed of one stripe: evidence, not claims.</summary>
internal sealed class StripeHealth(StripeDescriptor descriptor, List<Member>[] good)
{
    public StripeDescriptor Descriptor { get; } = descriptor;

    /// <summary>The members whose copy of the blob at an index is right.</summary>
    public IReadOnlyList<Member> Good(int index) => good[index];

    /// <summary>Blobs (or copies) that count towards the stripe's strength.</summary>
    public int Present => Descriptor.IsReplication
        ? Math.Min(good[0].Count, Descriptor.TotalBlobs)
        : good.Count(static members => members.Count > 0);

    public int Missing => Descriptor.TotalBlobs - Present;

    /// <summary>How many more blobs can be lost; below 0: the stripe is lost.</summary>
    public int Margin => Present - Descriptor.DataShards;

    /// <summary>Every member that holds something right, once for each blob.</summary>
    public IEnumerable<Member> Holders => good.SelectMany(static members => members);

    /// <summary>The positions (of blobs, or of copies) that are missing.</summary>
    public List<int> MissingPositions() => Descriptor.IsReplication
        ? [.. Enumerable.Range(Present, Missing)]
        : [.. Enumerable.Range(0, good.Length).Where(index => good[index].Count == 0)];
}
