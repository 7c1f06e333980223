namespace Megatorrent.Core.Erasure;

/// <summary>
/// An erasure code: makes m parity shards out of k data shards such that any k of the k+m bring all others back.
/// Systematic Reed-Solomon over GF(2^8) with a Cauchy matrix, byte-compatible with ISA-L (<c>gf_gen_cauchy1_matrix</c>).
/// Immutable and safe to share between threads; after the first use of a pattern of losses no call allocates.
/// </summary>
/// <remarks>
/// <para>
/// Shards have an index: below k is data, from k on is parity. A stripe has one shard length; a shard that is shorter acts as if
/// zeros followed, and they are neither read nor stored. The coefficient of parity r and data c is the inverse of (k+r) xor c in
/// GF(2^8) with polynomial 0x11d; docs/spec/erasure.md says it in full.
/// </para>
/// <para>
/// The code repairs losses, not lies: it does not notice that a present shard holds wrong bytes, save by
/// <see cref="Verify(ReadOnlySpan{ReadOnlyMemory{byte}}, int)"/>, which says that something is wrong and not what. Not checked:
/// that no output overlaps an input or another output; the content of outputs that do is undefined. After an exception nothing
/// was written.
/// </para>
/// <para>Bloemer, Kalfane, Karp, Karpinski, Luby and Zuckerman, "An XOR-based erasure-resilient coding scheme", 1995 (Cauchy).</para>
/// </remarks>
public sealed partial class ReedSolomon
{
    /// <summary>The most shards, data and parity together, that a stripe can have: a count of shards fits one byte everywhere.</summary>
    public const int MaxShards = 255;

    /// <summary>Bytes of decode matrices that one instance keeps: every pattern of losses of 10+4, twenty or so of 29+51.</summary>
    internal const int DecodeMatricesLengthMax = 2 << 20;

    /// <summary>Instances that <see cref="Get"/> keeps: far more schemes than a process meets, at most 0.5 MB of matrix each.</summary>
    internal const int SharedInstancesMax = 64;

    private static readonly BoundedCache<(int DataShards, int ParityShards), ReedSolomon> SharedInstances = new(SharedInstancesMax);

    private readonly GaloisKernel _kernel;
    private readonly CoefficientMatrix _encodeMatrix;
    private readonly BoundedCache<ShardSet, DecodeMatrix> _decodeMatrices = new(DecodeMatricesLengthMax);

    /// <summary>Prepares the code for a scheme with the fastest kernel of this processor.</summary>
    /// <param name="dataShards">k, at least 1.</param>
    /// <param name="parityShards">m, at least 0; k+m is at most <see cref="MaxShards"/>.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: the scheme breaks a limit; the message names it.
    /// </exception>
    public ReedSolomon(int dataShards, int parityShards)
        : this(dataShards, parityShards, GaloisField.SupportedKernels[0])
    {
    }

    /// <summary>Prepares the code for a scheme with a kernel of the caller's choice, for tests and measurements.</summary>
    /// <param name="dataShards">k, at least 1.</param>
    /// <param name="parityShards">m, at least 0; k+m is at most <see cref="MaxShards"/>.</param>
    /// <param name="kernel">One of <see cref="SupportedKernels"/>.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: the scheme breaks a limit. <see cref="ErrorKind.Unsupported"/>: this processor lacks
    /// the instructions of <paramref name="kernel"/>.
    /// </exception>
    public ReedSolomon(int dataShards, int parityShards, KernelKind kernel)
        : this(dataShards, parityShards, FindKernel(kernel))
    {
    }

    internal ReedSolomon(int dataShards, int parityShards, GaloisKernel kernel)
    {
        CheckScheme(dataShards, parityShards);
        _kernel = kernel;
        DataShards = dataShards;
        ParityShards = parityShards;
        _encodeMatrix = CreateEncodeMatrix(kernel, dataShards, parityShards);
    }

    /// <summary>The kernels that this processor can run, fastest first; never empty.</summary>
    public static IReadOnlyList<KernelKind> SupportedKernels { get; } = ListKernels();

    /// <summary>k.</summary>
    public int DataShards { get; }

    /// <summary>m.</summary>
    public int ParityShards { get; }

    /// <summary>k+m.</summary>
    public int TotalShards => DataShards + ParityShards;

    /// <summary>The variant of the inner loop that this instance uses.</summary>
    public KernelKind Kernel => _kernel.Kind;

    /// <summary>The coefficients of parity (rows) over data (columns).</summary>
    internal CoefficientMatrix EncodeMatrix => _encodeMatrix;

    /// <summary>Decode matrices kept now.</summary>
    internal int DecodeMatrixCount => _decodeMatrices.Count;

    /// <summary>A shared instance for a scheme, made on first use. The <see cref="SharedInstancesMax"/> newest are kept.</summary>
    /// <param name="dataShards">k, at least 1.</param>
    /// <param name="parityShards">m, at least 0; k+m is at most <see cref="MaxShards"/>.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: the scheme breaks a limit; the message names it.
    /// </exception>
    public static ReedSolomon Get(int dataShards, int parityShards) =>
        SharedInstances.TryGet((dataShards, parityShards), out ReedSolomon? shared)
            ? shared
            : SharedInstances.GetOrAdd((dataShards, parityShards), new ReedSolomon(dataShards, parityShards), weight: 1);

    /// <summary>Makes the parity of a stripe.</summary>
    /// <param name="data">k shards of at most the shard length.</param>
    /// <param name="parity">m shards, all of the shard length; overwritten.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: a wrong number of shards, parity of unequal lengths, or data longer than the parity.
    /// </exception>
    public unsafe void Encode(ReadOnlySpan<ReadOnlyMemory<byte>> data, ReadOnlySpan<Memory<byte>> parity)
    {
        CheckCount(data.Length, DataShards, "data shards");
        CheckCount(parity.Length, ParityShards, "parity shards");
        if (ParityShards == 0)
            return;
        int shardLength = parity[0].Length;
        for (int i = 0; i < data.Length; i++)
            CheckLength(i, data[i].Length, shardLength);
        for (int i = 1; i < parity.Length; i++)
        {
            if (parity[i].Length != shardLength)
            {
                throw Misuse(
                    $"Parity shards must have one length, but shard {DataShards} has {shardLength} bytes "
                    + $"and shard {DataShards + i} has {parity[i].Length}.");
            }
        }

        Shard* shards = stackalloc Shard[TotalShards];
        var call = new PinnedCall { Operation = Operation.Encode, Inputs = data, Outputs = parity, Shards = shards };
        PinAndRun(ref call, 0);
    }

    /// <summary>Makes the parity of a stripe in unmanaged memory.</summary>
    /// <param name="data">k pointers to <paramref name="shardLength"/> bytes.</param>
    /// <param name="parity">m pointers to <paramref name="shardLength"/> bytes; overwritten. Not looked at when m is 0.</param>
    /// <param name="shardLength">Bytes in every shard.</param>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.InvalidArgument"/>: a null pointer.</exception>
    public unsafe void Encode(byte** data, byte** parity, nuint shardLength)
    {
        Shard* shards = stackalloc Shard[TotalShards];
        Collect(data, DataShards, shardLength, shards, firstIndex: 0);
        Collect(parity, ParityShards, shardLength, shards + DataShards, firstIndex: DataShards);
        EncodeCore(shards);
    }

    /// <summary>Whether the parity of a stripe is that of its data. True when m is 0.</summary>
    /// <param name="shards">k+m shards of at most <paramref name="shardLength"/> bytes; only read.</param>
    /// <param name="shardLength">Bytes in a shard, padding included.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: a wrong number of shards, or one that is longer than <paramref name="shardLength"/>.
    /// </exception>
    public unsafe bool Verify(ReadOnlySpan<ReadOnlyMemory<byte>> shards, int shardLength)
    {
        CheckCount(shards.Length, TotalShards, "shards");
        for (int i = 0; i < shards.Length; i++)
            CheckLength(i, shards[i].Length, shardLength);
        Shard* pinned = stackalloc Shard[TotalShards];
        var call = new PinnedCall { Operation = Operation.Verify, Inputs = shards, Shards = pinned, ShardLength = (nuint)shardLength };
        PinAndRun(ref call, 0);
        return call.Result;
    }

    /// <summary>Whether the parity of a stripe in unmanaged memory is that of its data. True when m is 0.</summary>
    /// <param name="shards">k+m pointers to <paramref name="shardLength"/> bytes; only read.</param>
    /// <param name="shardLength">Bytes in every shard.</param>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.InvalidArgument"/>: a null pointer.</exception>
    public unsafe bool Verify(byte** shards, nuint shardLength)
    {
        Shard* collected = stackalloc Shard[TotalShards];
        Collect(shards, TotalShards, shardLength, collected, firstIndex: 0);
        return VerifyCore(collected, shardLength);
    }

    /// <summary>Makes missing shards, data and parity, out of the present ones.</summary>
    /// <param name="shards">
    /// k+m shards of at most <paramref name="shardLength"/> bytes. A present one is only read. A missing one is overwritten with
    /// as many of its first bytes as it has room for; an empty one is not wanted.
    /// </param>
    /// <param name="present">k+m flags: whether the shard holds its bytes. More than k present is fine; data is preferred.</param>
    /// <param name="shardLength">Bytes in a shard, padding included.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.NotEnoughBlobs"/>: fewer than k shards are present. <see cref="ErrorKind.InvalidArgument"/>: a wrong number
    /// of shards or flags, or a shard that is longer than <paramref name="shardLength"/>.
    /// </exception>
    public unsafe void Reconstruct(ReadOnlySpan<Memory<byte>> shards, ReadOnlySpan<bool> present, int shardLength)
    {
        CheckCount(shards.Length, TotalShards, "shards");
        CheckCount(present.Length, TotalShards, "flags");
        var presentSet = default(ShardSet);
        for (int i = 0; i < shards.Length; i++)
        {
            CheckLength(i, shards[i].Length, shardLength);
            if (present[i])
                presentSet.Add(i);
        }

        Shard* pinned = stackalloc Shard[TotalShards];
        var call = new PinnedCall { Operation = Operation.Reconstruct, Outputs = shards, Shards = pinned, Present = presentSet };
        PinAndRun(ref call, 0);
    }

    /// <summary>Makes missing shards of a stripe in unmanaged memory, data and parity, out of the present ones.</summary>
    /// <param name="shards">
    /// k+m pointers to <paramref name="shardLength"/> bytes. What a present one points to is only read, a missing one's is overwritten;
    /// a missing one that is null is not wanted.
    /// </param>
    /// <param name="present">k+m flags: not zero where the shard holds its bytes. More than k present is fine; data is preferred.</param>
    /// <param name="shardLength">Bytes in every shard.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.NotEnoughBlobs"/>: fewer than k shards are present. <see cref="ErrorKind.InvalidArgument"/>: a wrong number
    /// of flags, or a present shard that is null.
    /// </exception>
    public unsafe void Reconstruct(byte** shards, ReadOnlySpan<byte> present, nuint shardLength)
    {
        CheckCount(present.Length, TotalShards, "flags");
        CheckPointers(shards);
        Shard* collected = stackalloc Shard[TotalShards];
        var presentSet = default(ShardSet);
        for (int i = 0; i < TotalShards; i++)
        {
            if (present[i] != 0)
            {
                presentSet.Add(i);
                CheckPointer(shards[i], i, shardLength);
            }

            collected[i] = new Shard { Data = shards[i], Length = shards[i] is null ? 0 : shardLength };
        }

        ReconstructCore(collected, presentSet);
    }

    /// <summary>Brings the parity of a stripe up to date after one data shard changed, without the others.</summary>
    /// <param name="dataIndex">Which data shard changed: 0 to k-1.</param>
    /// <param name="oldData">The shard as the parity knows it.</param>
    /// <param name="newData">The shard as it is now. Its length may differ.</param>
    /// <param name="parity">
    /// m shards, each at least as long as the longer of the two; updated in place. An empty one is held elsewhere and is left out.
    /// </param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: no such data shard, a wrong number of parity shards, or parity that is too short.
    /// </exception>
    public unsafe void Update(int dataIndex, ReadOnlySpan<byte> oldData, ReadOnlySpan<byte> newData, ReadOnlySpan<Memory<byte>> parity)
    {
        CheckDataIndex(dataIndex);
        CheckCount(parity.Length, ParityShards, "parity shards");
        for (int i = 0; i < parity.Length; i++)
        {
            if (!parity[i].IsEmpty)
                CheckLength(dataIndex, Math.Max(oldData.Length, newData.Length), parity[i].Length);
        }

        Shard* pinned = stackalloc Shard[TotalShards];
        fixed (byte* oldBytes = oldData)
        fixed (byte* newBytes = newData)
        {
            var call = new PinnedCall
            {
                Operation = Operation.Update,
                Outputs = parity,
                Shards = pinned,
                DataIndex = dataIndex,
                OldData = new Shard { Data = oldBytes, Length = (nuint)oldData.Length },
                NewData = new Shard { Data = newBytes, Length = (nuint)newData.Length },
            };
            PinAndRun(ref call, 0);
        }
    }

    /// <summary>Brings the parity of a stripe in unmanaged memory up to date after one data shard changed, without the others.</summary>
    /// <param name="dataIndex">Which data shard changed: 0 to k-1.</param>
    /// <param name="oldData"><paramref name="shardLength"/> bytes: the shard as the parity knows it.</param>
    /// <param name="newData"><paramref name="shardLength"/> bytes: the shard as it is now.</param>
    /// <param name="parity">
    /// m pointers to <paramref name="shardLength"/> bytes; updated in place. A null one is held elsewhere and is left out.
    /// </param>
    /// <param name="shardLength">Bytes in every shard.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: no such data shard, or a null pointer where none may be.
    /// </exception>
    public unsafe void Update(int dataIndex, byte* oldData, byte* newData, byte** parity, nuint shardLength)
    {
        CheckDataIndex(dataIndex);
        CheckPointer(oldData, dataIndex, shardLength);
        CheckPointer(newData, dataIndex, shardLength);
        if (ParityShards == 0)
            return;
        CheckPointers(parity);
        Shard* collected = stackalloc Shard[ParityShards];
        for (int i = 0; i < ParityShards; i++)
            collected[i] = new Shard { Data = parity[i], Length = parity[i] is null ? 0 : shardLength };
        UpdateCore(
            dataIndex, new Shard { Data = oldData, Length = shardLength }, new Shard { Data = newData, Length = shardLength }, collected);
    }
}
