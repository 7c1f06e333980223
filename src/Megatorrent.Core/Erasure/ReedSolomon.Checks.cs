namespace Megatorrent.Core.Erasure;

// What callers can get wrong, and the matrices that a scheme needs.
public sealed partial class ReedSolomon
{
    private static void CheckScheme(int dataShards, int parityShards)
    {
        if (dataShards < 1)
            throw Misuse($"The scheme {dataShards}+{parityShards} has too few data shards: at least 1 is needed.");
        if (parityShards < 0)
            throw Misuse($"The scheme {dataShards}+{parityShards} has a negative number of parity shards: at least 0 is needed.");
        if ((long)dataShards + parityShards > MaxShards)
        {
            throw Misuse(
                $"The scheme {dataShards}+{parityShards} has {(long)dataShards + parityShards} shards: at most {MaxShards} are possible.");
        }
    }

    private static void CheckCount(int count, int expected, string what)
    {
        if (count != expected)
            throw Misuse($"{expected} {what} are needed, not {count}.");
    }

    private static void CheckLength(int index, int length, int shardLength)
    {
        if (length > shardLength)
            throw Misuse($"Shard {index} has {length} bytes: at most {shardLength} fit the stripe.");
    }

    private static unsafe void CheckPointers(byte** pointers)
    {
        if (pointers is null)
            throw Misuse("The array of shards is null.");
    }

    private static unsafe void CheckPointer(byte* pointer, int index, nuint shardLength)
    {
        if (pointer is null && shardLength != 0)
            throw Misuse($"Shard {index} is null.");
    }

    private void CheckDataIndex(int dataIndex)
    {
        if ((uint)dataIndex >= (uint)DataShards)
            throw Misuse($"There is no data shard {dataIndex}: the scheme {DataShards}+{ParityShards} has 0 to {DataShards - 1}.");
    }

    private static unsafe void Collect(byte** pointers, int count, nuint shardLength, Shard* shards, int firstIndex)
    {
        if (count != 0)
            CheckPointers(pointers);
        for (int i = 0; i < count; i++)
        {
            CheckPointer(pointers[i], firstIndex + i, shardLength);
            shards[i] = new Shard { Data = pointers[i], Length = shardLength };
        }
    }

    private static MegatorrentException Misuse(string message) => new(ErrorKind.InvalidArgument, message);

    private static GaloisKernel FindKernel(KernelKind kind)
    {
        foreach (GaloisKernel kernel in GaloisField.SupportedKernels)
        {
            if (kernel.Kind == kind)
                return kernel;
        }

        throw new MegatorrentException(
            ErrorKind.Unsupported, $"This processor cannot run the kernel {kind}; it can run {string.Join(", ", SupportedKernels)}.");
    }

    private static KernelKind[] ListKernels()
    {
        ReadOnlySpan<GaloisKernel> kernels = GaloisField.SupportedKernels;
        var kinds = new KernelKind[kernels.Length];
        for (int i = 0; i < kinds.Length; i++)
            kinds[i] = kernels[i].Kind;
        return kinds;
    }

    private static CoefficientMatrix CreateEncodeMatrix(GaloisKernel kernel, int dataShards, int parityShards)
    {
        byte[] values = new byte[parityShards * dataShards];
        for (int row = 0; row < parityShards; row++)
        {
            for (int column = 0; column < dataShards; column++)
                values[row * dataShards + column] = GaloisField.Inverse((byte)((dataShards + row) ^ column));
        }

        return new CoefficientMatrix(kernel, parityShards, dataShards, values);
    }

    private DecodeMatrix GetDecodeMatrix(in ShardSet present)
    {
        if (_decodeMatrices.TryGet(present, out DecodeMatrix? known))
            return known;
        DecodeMatrix made = DecodeMatrix.Create(_kernel, _encodeMatrix, present);
        return _decodeMatrices.GetOrAdd(present, made, made.MemoryLength);
    }
}
