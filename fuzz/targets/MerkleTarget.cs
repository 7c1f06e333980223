using System.Buffers.Binary;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Fuzz.Targets;

/// <summary>
/// Merkle proofs. <c>V</c>: a root, an index, the number of hashes, and hashes with a proof, all of a stranger. <c>B</c>: a tree of the rest,
/// whose own proofs must hold, and not with a bit changed.
/// </summary>
[Covers(typeof(MerkleTree))]
internal sealed class MerkleTarget() : FuzzTarget("merkle-proof")
{
    private const int HashLength = MerkleTree.HashLength;
    private const int BlocksMax = 9;

    /// <summary>A block of a tree has 16 KiB; an input's own bytes are spread over nine of them.</summary>
    protected override long AllocationFloor => 512 << 10;

    protected override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;
        if (input[0] == (byte)'V' && input.Length > 2 + HashLength + sizeof(long))
            Strange(input[1], input[2..]);
        else if (input[0] == (byte)'B')
            Own(input[1], input[2..]);
    }

    private static void Strange(int count, ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> root = rest[..HashLength];
        long index = BinaryPrimitives.ReadInt64BigEndian(rest[HashLength..]);
        rest = rest[(HashLength + sizeof(long))..];
        int split = Math.Min(count * HashLength, rest.Length);
        MerkleTree.Verify(root, rest[..split], index, rest[split..]); // false, or somebody found a second preimage; never an exception
    }

    private static void Own(int choice, ReadOnlySpan<byte> text)
    {
        int blocks = 1 + choice % BlocksMax;
        var data = new byte[(blocks * MerkleTree.BlockLength) - Math.Min(text.Length, MerkleTree.BlockLength - 1)];
        for (int i = 0; i < blocks; i++)
            text[..Math.Min(text.Length, data.Length - (i * MerkleTree.BlockLength))].CopyTo(data.AsSpan(i * MerkleTree.BlockLength));
        MerkleTree tree = MerkleTree.Build(data);
        var proof = new byte[tree.GetProofCount(MerkleTree.BlockLength) * HashLength];
        int index = choice / BlocksMax % blocks;
        tree.GetProof(MerkleTree.BlockLength, index, 1, proof);
        var hash = new byte[HashLength];
        tree.CopyHashes(MerkleTree.BlockLength, index, 1, hash);
        FuzzFailure.Unless(MerkleTree.Verify(tree.Root, hash, index, proof), "a proof of our own does not hold");
        hash[choice % HashLength] ^= 1;
        FuzzFailure.Unless(!MerkleTree.Verify(tree.Root, hash, index, proof), "a proof holds for another hash");
    }
}
