using BenchmarkDotNet.Attributes;
using Megatorrent.Core;
using Megatorrent.Core.Erasure;

namespace Megatorrent.Microbench;

/// <summary>The kernels of the Galois field, each that this processor has.</summary>
public class ErasureBenchmarks
{
    private const int ShardLength = 64 << 10;
    private const int DataShards = 10;
    private const int ParityShards = 4;

    private readonly Memory<byte>[] _shards = new Memory<byte>[DataShards + ParityShards];
    private readonly ReadOnlyMemory<byte>[] _data = new ReadOnlyMemory<byte>[DataShards];
    private readonly bool[] _present = new bool[DataShards + ParityShards];
    private ReedSolomon _code = null!;

    /// <summary>What the processor has, fastest first.</summary>
    public static IEnumerable<KernelKind> Kernels => ReedSolomon.SupportedKernels;

    /// <summary>The kernel.</summary>
    [ParamsSource(nameof(Kernels))]
    public KernelKind Kernel { get; set; }

    /// <summary>Makes a stripe of noise.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        for (int i = 0; i < _shards.Length; i++)
        {
            byte[] shard = new byte[ShardLength];
            random.Fill(shard);
            _shards[i] = shard;
            _present[i] = i >= ParityShards;
            if (i < DataShards)
                _data[i] = shard;
        }

        _code = new ReedSolomon(DataShards, ParityShards, Kernel);
        Encode();
    }

    /// <summary>10+4.</summary>
    [Benchmark]
    [Bytes(DataShards * ShardLength)]
    public void Encode() => _code.Encode(_data, _shards.AsSpan(DataShards));

    /// <summary>The first four of ten.</summary>
    [Benchmark]
    [Bytes(DataShards * ShardLength)]
    public void Reconstruct() => _code.Reconstruct(_shards, _present, ShardLength);
}
