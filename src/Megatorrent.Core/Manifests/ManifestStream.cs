namespace Megatorrent.Core.Manifests;

/// <summary>
/// One stream of bytes in a manifest: at depth 0 the stripes that hold it, above that the child manifests (each a replicated blob)
/// that hold its parts.
/// </summary>
/// <param name="Depth">0: <paramref name="Nodes"/> are stripes of data. Above: they are manifests whose streams have the depth below.</param>
/// <param name="Nodes">The stripes, in the order of the bytes.</param>
/// <param name="Keys">32 bytes a data blob, over all nodes in order: chunk keys at depth 0, manifest keys above. Empty without the read key.</param>
/// <param name="Lengths">Plaintext bytes behind each key. Empty without the read key.</param>
public sealed record ManifestStream(
    int Depth, IReadOnlyList<StripeDescriptor> Nodes, ReadOnlyMemory<byte> Keys, IReadOnlyList<long> Lengths)
{
    /// <summary>The stream's bytes in all; 0 without the read key.</summary>
    public long Length => Lengths.Sum();

    /// <summary>Data blobs in this stream's nodes.</summary>
    public int DataBlobs => Nodes.Sum(static node => node.DataShards);
}
