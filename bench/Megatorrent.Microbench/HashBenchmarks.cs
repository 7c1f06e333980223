using BenchmarkDotNet.Attributes;
using Megatorrent.Core;
using Megatorrent.Core.Hashing;

namespace Megatorrent.Microbench;

/// <summary>SHA-256 and SHA-1 of one message and of several, and Merkle trees.</summary>
public class HashBenchmarks
{
    private const int Length = 1 << 20;
    private const int BlockLength = 16 << 10;
    private const int SmallLength = 64;

    private readonly byte[] _data = new byte[Length];
    private readonly byte[] _hashes = new byte[Length / BlockLength * Sha256.HashLength];

    /// <summary>Makes noise.</summary>
    [GlobalSetup]
    public void Setup() => new SeededRandomSource(2).Fill(_data);

    /// <summary>One message of 64 bytes: a node of a Merkle tree.</summary>
    [Benchmark]
    [Bytes(SmallLength)]
    public void Sha256OfNode() => Sha256.Hash(_data.AsSpan(0, SmallLength), _hashes);

    /// <summary>One message of 1 MiB.</summary>
    [Benchmark]
    [Bytes(Length)]
    public void Sha256OfOne() => Sha256.Hash(_data, _hashes);

    /// <summary>64 messages of 16 KiB.</summary>
    [Benchmark]
    [Bytes(Length)]
    public void Sha256OfBlocks() => Sha256.HashBlocks(_data, BlockLength, _hashes);

    /// <summary>64 messages of 16 KiB.</summary>
    [Benchmark]
    [Bytes(Length)]
    public void Sha1OfBlocks() => Sha1.HashBlocks(_data, BlockLength, _hashes);

    /// <summary>The tree of BEP 52 over 1 MiB.</summary>
    [Benchmark]
    [Bytes(Length)]
    public MerkleTree Merkle() => MerkleTree.Build(_data);
}
