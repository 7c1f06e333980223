using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>Gathers the nodes of one manifest of a tree.</summary>
internal sealed class ManifestStreamBuilder(int depth)
{
    // Bytes of a node's bencode around its descriptor, and of a key with its length in the sealed part.
    private const int NodeOverhead = 8;
    private const int BlobOverhead = 40;

    private readonly List<StripeDescriptor> _nodes = [];
    private readonly List<byte> _keys = [];
    private readonly List<long> _lengths = [];

    public bool IsEmpty => _nodes.Count == 0;

    /// <summary>About how many bytes the manifest will have.</summary>
    public int EncodedLength { get; private set; }

    public void Add(StripeRef node)
    {
        _nodes.Add(node.Descriptor);
        _keys.AddRange(node.Keys.Span);
        _lengths.AddRange(node.Lengths);
        EncodedLength += node.Descriptor.Encoded.Length + NodeOverhead + (node.Lengths.Length * BlobOverhead);
    }

    public ManifestStream Build() => new(depth, _nodes, _keys.ToArray(), _lengths);
}
