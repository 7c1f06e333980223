using System.Numerics;

namespace Megatorrent.Core.Hashing;

/// <summary>
/// The Merkle tree of BEP 52 over one file: SHA-256 of 16 KiB blocks (the last one as long as it is), padded with zero hashes to a power of
/// two, each node above the SHA-256 of its two children. Immutable, thread-safe.
/// <code>
/// 80,000 bytes          root                 layer of 128 KiB nodes
///                 ┌──────┴──────┐
///                 a             b            layer of  64 KiB nodes: a, b
///              ┌──┴──┐       ┌──┴──┐
///              ┌┴┐  ┌┴┐     ┌┴┐   ┌┴┐        layer of  16 KiB nodes: 0 1 2 3 4, then padding
///              0 1  2 3     4 ·   · ·
/// </code>
/// Padding is never stored. A tree may leave out its lowest layers (see <see cref="MerkleTreeBuilder"/>).
/// </summary>
public sealed class MerkleTree
{
    /// <summary>Bytes of data under a leaf (BEP 52).</summary>
    public const int BlockLength = 16 << 10;

    /// <summary>Bytes in a hash.</summary>
    public const int HashLength = Sha256.HashLength;

    /// <summary>The most layers between a leaf and a root: no file of 2^63 bytes has more.</summary>
    internal const int MaxLevels = 50;

    // The hash of a node whose subtree of this many levels is all padding.
    private static readonly byte[][] Padding = MakePadding();

    private readonly byte[][] _layers; // [0]: the lowest that is kept; the last: the root alone; hashes end to end, no padding
    private readonly byte[] _root;

    /// <param name="baseLayer">The lowest layer, hashes end to end, without padding.</param>
    /// <param name="baseLevel">How many levels it is above the leaves.</param>
    /// <param name="length">Bytes of data.</param>
    internal MerkleTree(byte[] baseLayer, int baseLevel, long length)
    {
        BaseLength = (long)BlockLength << baseLevel;
        Length = length;
        var layers = new List<byte[]> { baseLayer };
        for (int level = baseLevel; layers[^1].Length > HashLength; level++)
            layers.Add(HashPairs(layers[^1], level));
        _layers = [.. layers];
        _root = length == 0 ? new byte[HashLength] : _layers[^1];
    }

    /// <summary>Bytes of data that the tree was made of.</summary>
    public long Length { get; }

    /// <summary>Bytes of data under a node of the lowest layer that the tree keeps: 16 KiB, or the piece length of its builder.</summary>
    public long BaseLength { get; }

    /// <summary>The root, 32 bytes: BEP 52's <c>pieces root</c>. All zeros for no data, for which BEP 52 has no root.</summary>
    public ReadOnlySpan<byte> Root => _root;

    /// <summary>Builds the whole tree of data in memory. For a file, use <see cref="MerkleTreeBuilder"/>.</summary>
    public static MerkleTree Build(ReadOnlySpan<byte> data)
    {
        var builder = new MerkleTreeBuilder();
        builder.Append(data);
        return builder.Build();
    }

    /// <summary>
    /// The hashes of the nodes over <paramref name="nodeLength"/> bytes each, end to end, ⌈<see cref="Length"/> / nodeLength⌉ of them; with
    /// the piece length, BEP 52's <c>piece layers</c>. Empty when the file is not longer than one node: BEP 52 has no such layer then.
    /// </summary>
    /// <param name="nodeLength">A power of two, from <see cref="BaseLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nodeLength"/> is something else.</exception>
    public ReadOnlySpan<byte> GetLayer(long nodeLength)
    {
        return IsNodeLength(nodeLength) && Length <= nodeLength ? [] : _layers[LayerOf(nodeLength)];
    }

    /// <summary>
    /// Copies hashes of one layer, in the shape of a BEP 52 <c>hashes</c> message: where the range goes past the data, what is there is
    /// padding.
    /// </summary>
    /// <param name="nodeLength">
    /// Which layer: bytes under a node, a power of two from <see cref="BaseLength"/> to what is under the root.
    /// </param>
    /// <param name="index">The first node, from 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">32 bytes a hash; overwritten.</param>
    /// <exception cref="ArgumentException">The range is not inside the padded tree, or the destination is too short.</exception>
    public void CopyHashes(long nodeLength, long index, int count, Span<byte> destination)
    {
        int layer = LayerOf(nodeLength);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (index < 0 || index > NodeCount(layer) - count)
            throw new ArgumentOutOfRangeException(nameof(index), $"{count} nodes from {index} on are not in one of {NodeCount(layer)}.");
        if (destination.Length / HashLength < count)
            throw new ArgumentException($"{count} hashes do not fit {destination.Length} bytes.", nameof(destination));
        for (int i = 0; i < count; i++)
            Node(layer, index + i).CopyTo(destination[(i * HashLength)..]);
    }

    /// <summary>
    /// How many hashes the proof of <paramref name="count"/> nodes has: one for each layer between their common ancestor and the root.
    /// </summary>
    /// <param name="nodeLength">Which layer: bytes under a node, a power of two from <see cref="BaseLength"/>.</param>
    /// <param name="count">A power of two, at most the padded layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is something else.</exception>
    public int GetProofCount(long nodeLength, int count = 1)
    {
        int layer = LayerOf(nodeLength);
        if (count < 1 || !BitOperations.IsPow2(count) || count > NodeCount(layer))
            throw new ArgumentOutOfRangeException(nameof(count), $"{count} is no power of two up to {NodeCount(layer)}.");
        return _layers.Length - 1 - layer - BitOperations.Log2((uint)count);
    }

    /// <summary>
    /// Writes the uncle hashes that lead from a run of nodes to the root, the lowest first, as in a BEP 52 <c>hashes</c> message: with
    /// them, <see cref="Verify"/> shows to one who has only the root that the nodes are right.
    /// </summary>
    /// <param name="nodeLength">Which layer: bytes under a node, a power of two from <see cref="BaseLength"/>.</param>
    /// <param name="index">The first node of the run: a multiple of <paramref name="count"/>.</param>
    /// <param name="count">A power of two.</param>
    /// <param name="destination">Takes 32 bytes for each hash of <see cref="GetProofCount"/>; overwritten.</param>
    /// <returns>How many hashes were written.</returns>
    /// <exception cref="ArgumentException">There is no such run, or the destination is too short.</exception>
    public int GetProof(long nodeLength, long index, int count, Span<byte> destination)
    {
        int proofCount = GetProofCount(nodeLength, count);
        int layer = LayerOf(nodeLength);
        if (index < 0 || index % count != 0 || index > NodeCount(layer) - count)
            throw new ArgumentOutOfRangeException(nameof(index), $"No run of {count} begins at node {index} of {NodeCount(layer)}.");
        if (destination.Length / HashLength < proofCount)
            throw new ArgumentException($"{proofCount} hashes do not fit {destination.Length} bytes.", nameof(destination));

        layer += BitOperations.Log2((uint)count);
        index /= count;
        for (int i = 0; i < proofCount; i++, layer++, index >>= 1)
            Node(layer, index ^ 1).CopyTo(destination[(i * HashLength)..]);
        return proofCount;
    }

    /// <summary>
    /// Whether a run of nodes, at its place, belongs to the tree with this root. Everything may come from a stranger: what does not fit
    /// together is false, never an exception.
    /// </summary>
    /// <param name="root">32 bytes.</param>
    /// <param name="hashes">The run: 32 bytes a hash, a power of two of them, padding included.</param>
    /// <param name="index">The place of the first in its layer: a multiple of their number.</param>
    /// <param name="proof">The uncles, lowest first: as many as there are layers up to the root.</param>
    public static bool Verify(ReadOnlySpan<byte> root, ReadOnlySpan<byte> hashes, long index, ReadOnlySpan<byte> proof)
    {
        int count = hashes.Length / HashLength, proofCount = proof.Length / HashLength;
        if (root.Length != HashLength || hashes.Length % HashLength != 0 || proof.Length % HashLength != 0)
            return false;
        if (count == 0 || !BitOperations.IsPow2(count) || proofCount > MaxLevels || index < 0 || index % count != 0)
            return false;

        Span<byte> node = stackalloc byte[HashLength];
        RootOf(hashes, node);
        Span<byte> pair = stackalloc byte[2 * HashLength];
        index /= count;
        for (int i = 0; i < proofCount; i++, index >>= 1)
        {
            int side = (int)(index & 1);
            node.CopyTo(pair[(side * HashLength)..]);
            proof.Slice(i * HashLength, HashLength).CopyTo(pair[((1 - side) * HashLength)..]);
            Sha256.Hash(pair, node);
        }
        return index == 0 && node.SequenceEqual(root); // an index that is left over is past the right edge
    }

    /// <summary>The hash of a node whose subtree of <paramref name="level"/> levels is all padding: 32 zeros at level 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is not in 0 to 50.</exception>
    public static ReadOnlySpan<byte> GetPaddingHash(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevels);
        return Padding[level];
    }

    /// <summary>Hashes a layer by pairs into the one above; a last single node is paired with padding.</summary>
    /// <param name="layer">Hashes end to end, at least one.</param>
    /// <param name="level">How many levels the layer is above the leaves.</param>
    internal static byte[] HashPairs(ReadOnlySpan<byte> layer, int level)
    {
        int count = layer.Length / HashLength;
        byte[] parents = new byte[(count + 1) / 2 * HashLength];
        Sha256.HashBlocks(layer[..(count / 2 * 2 * HashLength)], 2 * HashLength, parents);
        if (count % 2 != 0)
        {
            Span<byte> pair = stackalloc byte[2 * HashLength];
            layer[^HashLength..].CopyTo(pair);
            Padding[level].CopyTo(pair[HashLength..]);
            Sha256.Hash(pair, parents.AsSpan(parents.Length - HashLength));
        }
        return parents;
    }

    private static void RootOf(ReadOnlySpan<byte> hashes, Span<byte> root)
    {
        while (hashes.Length > HashLength)
            hashes = HashPairs(hashes, level: 0); // a power of two: never padded
        hashes.CopyTo(root);
    }

    private bool IsNodeLength(long nodeLength) => nodeLength >= BaseLength && BitOperations.IsPow2(nodeLength);

    private int LayerOf(long nodeLength)
    {
        int layer = IsNodeLength(nodeLength) ? BitOperations.Log2((ulong)(nodeLength / BaseLength)) : -1;
        if (layer < 0 || layer >= _layers.Length)
            throw new ArgumentOutOfRangeException(
                nameof(nodeLength),
                $"{nodeLength} bytes are no power of two from {BaseLength} to the root's {BaseLength << (_layers.Length - 1)}.");
        return layer;
    }

    private long NodeCount(int layer) => 1L << (_layers.Length - 1 - layer);

    private ReadOnlySpan<byte> Node(int layer, long index)
    {
        byte[] hashes = _layers[layer];
        return index < hashes.Length / HashLength
            ? hashes.AsSpan((int)index * HashLength, HashLength)
            : Padding[layer + BitOperations.Log2((ulong)(BaseLength / BlockLength))];
    }

    private static byte[][] MakePadding()
    {
        byte[][] padding = new byte[MaxLevels + 1][];
        padding[0] = new byte[HashLength];
        Span<byte> pair = stackalloc byte[2 * HashLength];
        for (int level = 1; level < padding.Length; level++)
        {
            padding[level - 1].CopyTo(pair);
            padding[level - 1].CopyTo(pair[HashLength..]);
            padding[level] = new byte[HashLength];
            Sha256.Hash(pair, padding[level]);
        }
        return padding;
    }
}
