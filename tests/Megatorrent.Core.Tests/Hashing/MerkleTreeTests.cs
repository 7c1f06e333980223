using System.Security.Cryptography;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Core.Tests.Hashing;

public class MerkleTreeTests
{
    private const int Block = MerkleTree.BlockLength;

    public static TheoryData<int> Lengths => new(
        1, 2, Block - 1, Block, Block + 1, 2 * Block - 1, 2 * Block, 2 * Block + 1, 3 * Block, 4 * Block, 4 * Block + 1, 5 * Block - 7,
        7 * Block, 8 * Block, 9 * Block, 16 * Block - 1, 16 * Block, 16 * Block + 1, 31 * Block, 33 * Block + 5, 64 * Block, 65 * Block);

    [Theory] // by Python's hashlib, over byte i = (7i + (i >> 8)) mod 256
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(16384, "5252abae92836caa122f8d6c078aa2487dc32b17e1b204a7cc022809faebc192")]
    [InlineData(16385, "831c51b911745d225c3ef7ddaaeb0971d93962202f8bd82789db755f86fb5a49")]
    [InlineData(80000, "2353d16f470660b9148ec7d0c4dc800b8b608d6ca6e968f50d887919b2ce4300")]
    [InlineData(1048577, "32bbee21805ac3e3c094c5895b6a890149d0c9829c210406b51fb56534d0152c")]
    [InlineData(3000000, "deb354a327bf4dae3668c57991aae14e62ef96a1f759f1dd6ad06c5df3b5f2e5")]
    public void Roots_are_those_of_another_implementation(int length, string root)
    {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++)
            data[i] = (byte)(i * 7 + (i >> 8));
        Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.Build(data).Root));
    }

    [Theory] // the same chain of zero hashes is published as Ethereum's empty deposit tree
    [InlineData(0, "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(1, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b")]
    [InlineData(2, "db56114e00fdd4c1f85c892bf35ac9a89289aaecb1ebd0a96cde606a748b5d71")]
    [InlineData(3, "c78009fdf07fc56a11f122370658a353aaa542ed63e44c4bc15ff4cd105ab33c")]
    public void Padding_hashes(int level, string hash)
    {
        Assert.Equal(hash, Convert.ToHexStringLower(MerkleTree.GetPaddingHash(level)));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Root_and_layers_are_those_of_the_naive_tree(int length)
    {
        byte[] data = RandomBytes(length, seed: 50);
        MerkleTree tree = MerkleTree.Build(data);
        byte[][][] naive = NaiveLayers(data);

        Assert.Equal(length, tree.Length);
        Assert.Equal(naive[^1][0], tree.Root.ToArray());
        for (int level = 0; level < naive.Length; level++)
        {
            long nodeLength = (long)Block << level;
            byte[] all = new byte[naive[level].Length * 32];
            tree.CopyHashes(nodeLength, 0, naive[level].Length, all);
            Assert.Equal(naive[level].SelectMany(hash => hash), all);

            int count = length <= nodeLength ? 0 : (int)((length + nodeLength - 1) / nodeLength);
            Assert.Equal(naive[level].Take(count).SelectMany(hash => hash), tree.GetLayer(nodeLength).ToArray());
        }
        Assert.True(tree.GetLayer((long)Block << naive.Length).IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Builder_gives_the_same_whatever_the_portions(int length)
    {
        byte[] data = RandomBytes(length, seed: 51);
        MerkleTree whole = MerkleTree.Build(data);
        foreach (int pieceLength in new[] { Block, 2 * Block, 4 * Block, 16 * Block, 64 * Block, 128 * Block })
        {
            var builder = new MerkleTreeBuilder(pieceLength);
            for (ulong seed = 0; seed < 4; seed++) // the same builder again: Build leaves it as new
            {
                var random = new SeededRandomSource(seed);
                int portion = new[] { 100_000, Block, 40 * Block, 16 * Block }[seed];
                for (int offset = 0; offset < length;)
                {
                    int count = Math.Min(seed % 2 == 0 ? 1 + random.Next(portion) : portion, length - offset);
                    builder.Append(data.AsSpan(offset, count));
                    offset += count;
                }
                Assert.Equal(length, builder.Length);
                MerkleTree tree = builder.Build();

                Assert.Equal(length, tree.Length);
                Assert.Equal(pieceLength, tree.BaseLength);
                Assert.True(whole.Root.SequenceEqual(tree.Root), $"pieces of {pieceLength}, seed {seed}");
                for (long nodeLength = pieceLength; nodeLength <= 256 * Block; nodeLength *= 2)
                {
                    bool same = whole.GetLayer(nodeLength).SequenceEqual(tree.GetLayer(nodeLength));
                    Assert.True(same, $"pieces of {pieceLength}, layer {nodeLength}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Every_proof_verifies_and_nothing_else_does(int length)
    {
        MerkleTree tree = MerkleTree.Build(RandomBytes(length, seed: 52));
        byte[][][] naive = NaiveLayers(RandomBytes(length, seed: 52));
        byte[] root = tree.Root.ToArray();
        for (int level = 0; level < naive.Length; level++)
        {
            long nodeLength = (long)Block << level;
            for (int count = 1; count <= naive[level].Length; count *= 2)
            {
                byte[] hashes = new byte[count * 32];
                byte[] proof = new byte[tree.GetProofCount(nodeLength, count) * 32];
                for (int index = 0; index < naive[level].Length; index += count)
                {
                    tree.CopyHashes(nodeLength, index, count, hashes);
                    Assert.Equal(proof.Length / 32, tree.GetProof(nodeLength, index, count, proof));
                    string what = $"layer {level}, {count} nodes at {index}";
                    Assert.True(MerkleTree.Verify(root, hashes, index, proof), what);

                    // a sibling's place is another proof, except where both siblings are the same padding
                    Assert.Equal(
                        (index ^ count) < naive[level].Length && Same(naive[level], index, index ^ count, count),
                        MerkleTree.Verify(root, hashes, index ^ count, proof));
                    Assert.False(MerkleTree.Verify(root, hashes, index + naive[level].Length, proof), what);
                    if (count > 1)
                        Assert.False(MerkleTree.Verify(root, hashes, index + 1, proof), what);
                    foreach (byte[] part in new[] { root, hashes, proof })
                    {
                        if (part.Length == 0)
                            continue;
                        int bit = (index * 37 + level) % (part.Length * 8);
                        part[bit / 8] ^= (byte)(1 << (bit % 8));
                        Assert.False(MerkleTree.Verify(root, hashes, index, proof), what);
                        part[bit / 8] ^= (byte)(1 << (bit % 8));
                    }
                    if (proof.Length > 0)
                        Assert.False(MerkleTree.Verify(root, hashes, index, proof.AsSpan(32)), what);
                    Assert.False(MerkleTree.Verify(root, hashes, index, [.. proof, .. new byte[32]]), what);
                }
            }
        }
    }

    [Fact]
    public void What_does_not_fit_together_is_false_not_an_exception()
    {
        MerkleTree tree = MerkleTree.Build(RandomBytes(4 * Block, seed: 53));
        byte[] root = tree.Root.ToArray(), four = tree.GetLayer(Block).ToArray();
        Assert.True(MerkleTree.Verify(root, four, 0, []));

        Assert.False(MerkleTree.Verify(root, [], 0, []));
        Assert.False(MerkleTree.Verify([], four, 0, []));
        Assert.False(MerkleTree.Verify(root.AsSpan(1), four, 0, []));
        Assert.False(MerkleTree.Verify(root, four.AsSpan(0, 96), 0, [])); // three hashes
        Assert.False(MerkleTree.Verify(root, four.AsSpan(0, 127), 0, []));
        Assert.False(MerkleTree.Verify(root, four, -4, []));
        Assert.False(MerkleTree.Verify(root, four, 4, []));
        Assert.False(MerkleTree.Verify(root, four, long.MaxValue, []));
        Assert.False(MerkleTree.Verify(root, four, 0, new byte[31]));
        Assert.False(MerkleTree.Verify(root, four, 0, new byte[32 * 1000]));
        byte[] three = four[..96], rootOfThree = MerkleTree.HashPairs(MerkleTree.HashPairs(three, level: 0), level: 1);
        Assert.False(MerkleTree.Verify(rootOfThree, three, 0, [])); // a run has its padding with it
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(51, false)]
    public void A_proof_has_at_most_as_many_levels_as_a_tree(int levels, bool isTaken)
    {
        byte[] leaf = RandomBytes(32, seed: 55), proof = RandomBytes(32 * levels, seed: 56), root = leaf;
        for (int i = 0; i < levels; i++)
            root = SHA256.HashData([.. root, .. proof.AsSpan(32 * i, 32)]);
        Assert.Equal(isTaken, MerkleTree.Verify(root, leaf, 0, proof));
    }

    [Fact]
    public void Arguments_out_of_range_are_named()
    {
        MerkleTree tree = MerkleTree.Build(RandomBytes(5 * Block, seed: 54)); // 8 padded leaves
        byte[] room = new byte[1024];
        Assert.Throws<ArgumentOutOfRangeException>("nodeLength", () => tree.GetLayer(Block / 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>("nodeLength", () => tree.GetLayer(3 * Block).Length);
        Assert.Throws<ArgumentOutOfRangeException>("nodeLength", () => tree.CopyHashes(16 * Block, 0, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => tree.CopyHashes(Block, 8, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => tree.CopyHashes(Block, -1, 1, room));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => tree.CopyHashes(Block, 0, -1, room));
        byte[] untouched = [.. room];
        Assert.Throws<ArgumentException>("destination", () => tree.CopyHashes(Block, 0, 2, room.AsSpan(0, 63)));
        Assert.Equal(untouched, room);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => tree.GetProofCount(Block, 3));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => tree.GetProofCount(Block, 16));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => tree.GetProofCount(Block, 0));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => tree.GetProof(Block, 1, 2, room));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => tree.GetProof(Block, 8, 2, room));
        Assert.Throws<ArgumentException>("destination", () => tree.GetProof(Block, 0, 1, room.AsSpan(0, 95)));
        Assert.Equal(untouched, room);
        Assert.Throws<ArgumentOutOfRangeException>("level", () => MerkleTree.GetPaddingHash(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>("level", () => MerkleTree.GetPaddingHash(51).Length);
        foreach (int pieceLength in new[] { 0, -Block, Block / 2, Block + 1, int.MinValue })
            Assert.Throws<ArgumentOutOfRangeException>("pieceLength", () => new MerkleTreeBuilder(pieceLength));
    }

    [Fact]
    public void Nothing_has_no_layers_and_a_root_of_zeros()
    {
        MerkleTree tree = MerkleTree.Build([]);
        Assert.Equal(0, tree.Length);
        Assert.Equal(new byte[32], tree.Root.ToArray());
        Assert.True(tree.GetLayer(Block).IsEmpty);
    }

    private static bool Same(byte[][] layer, int left, int right, int count) =>
        Enumerable.Range(0, count).All(i => layer[left + i].AsSpan().SequenceEqual(layer[right + i]));

    // BEP 52 word for word, padding and all: layers from the leaves to the root.
    private static byte[][][] NaiveLayers(byte[] data)
    {
        List<byte[]> leaves = [.. data.Chunk(Block).Select(SHA256.HashData)];
        while ((leaves.Count & (leaves.Count - 1)) != 0)
            leaves.Add(new byte[32]);
        var layers = new List<byte[][]> { leaves.ToArray() };
        while (layers[^1].Length > 1)
            layers.Add([.. layers[^1].Chunk(2).Select(pair => SHA256.HashData([.. pair[0], .. pair[1]]))]);
        return [.. layers];
    }

    private static byte[] RandomBytes(int length, ulong seed)
    {
        byte[] data = new byte[length];
        new SeededRandomSource(seed).Fill(data);
        return data;
    }
}
