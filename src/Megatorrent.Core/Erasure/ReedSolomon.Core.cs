using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Megatorrent.Core.Erasure;

// The work itself, on memory that stays where it is.
public sealed unsafe partial class ReedSolomon
{
    /// <summary>
    /// Bytes of inputs and outputs that one block touches when a stripe is gone over more than once: with what else runs, they stay
    /// in a second-level cache of 512 KiB from the first pass to the last.
    /// </summary>
    private const int BlockBytesMax = 256 << 10;

    /// <summary>The least length of a block: below it the start of a pass would cost more than the cache saves.</summary>
    internal const int BlockLengthMin = 1 << 10;

    /// <summary>Bytes of a parity shard that are worked out on the stack and compared at a time.</summary>
    internal const int VerifyBlockLength = 4 << 10;

    private enum Operation
    {
        Encode,
        Verify,
        Reconstruct,
        Update,
    }

    /// <summary>A call on its way to pinned memory: inputs, then outputs, fill <see cref="Shards"/> in order.</summary>
    private ref struct PinnedCall
    {
        public Operation Operation;
        public ReadOnlySpan<ReadOnlyMemory<byte>> Inputs;
        public ReadOnlySpan<Memory<byte>> Outputs;
        public Shard* Shards;
        public nuint ShardLength;
        public ShardSet Present;
        public int DataIndex;
        public Shard OldData;
        public Shard NewData;
        public bool Result;
    }

    /// <summary>
    /// Pins one shard a stack frame and runs the call in the last, at most <see cref="MaxShards"/> frames down: a pinned local costs
    /// nothing, where a handle per shard and call would cost more than encoding a small stripe.
    /// </summary>
    private void PinAndRun(ref PinnedCall call, int index)
    {
        if (index == call.Inputs.Length + call.Outputs.Length)
        {
            Run(ref call);
            return;
        }

        ReadOnlySpan<byte> bytes = index < call.Inputs.Length ? call.Inputs[index].Span : call.Outputs[index - call.Inputs.Length].Span;
        fixed (byte* data = bytes)
        {
            call.Shards[index] = new Shard { Data = data, Length = (nuint)bytes.Length };
            PinAndRun(ref call, index + 1);
        }
    }

    private void Run(ref PinnedCall call)
    {
        switch (call.Operation)
        {
            case Operation.Encode:
                EncodeCore(call.Shards);
                break;
            case Operation.Verify:
                call.Result = VerifyCore(call.Shards, call.ShardLength);
                break;
            case Operation.Reconstruct:
                ReconstructCore(call.Shards, call.Present);
                break;
            default:
                UpdateCore(call.DataIndex, call.OldData, call.NewData, call.Shards);
                break;
        }
    }

    [SkipLocalsInit]
    private void EncodeCore(Shard* shards)
    {
        KernelInput* inputs = stackalloc KernelInput[DataShards];
        KernelOutput* outputs = stackalloc KernelOutput[ParityShards];
        for (int i = 0; i < DataShards; i++)
            InsertInput(inputs, i, shards[i], _encodeMatrix.PreparedOffset(i));
        for (int i = 0; i < ParityShards; i++)
            InsertOutput(outputs, i, shards[DataShards + i], _encodeMatrix.PreparedRow(i));
        nuint length = ParityShards == 0 ? 0 : outputs[0].Length;
        DotProducts(inputs, DataShards, outputs, ParityShards, 0, length, accumulate: false);
        GC.KeepAlive(_encodeMatrix);
    }

    [SkipLocalsInit]
    private bool VerifyCore(Shard* shards, nuint shardLength)
    {
        KernelInput* inputs = stackalloc KernelInput[DataShards];
        KernelOutput* outputs = stackalloc KernelOutput[GaloisKernel.OutputsPerPassMax];
        byte* scratch = stackalloc byte[GaloisKernel.OutputsPerPassMax * VerifyBlockLength];
        for (int i = 0; i < DataShards; i++)
            InsertInput(inputs, i, shards[i], _encodeMatrix.PreparedOffset(i));
        for (nuint start = 0; start < shardLength; start += VerifyBlockLength)
        {
            nuint end = nuint.Min(start + VerifyBlockLength, shardLength);
            for (int first = 0; first < ParityShards; first += GaloisKernel.OutputsPerPassMax)
            {
                int count = Math.Min(GaloisKernel.OutputsPerPassMax, ParityShards - first);
                for (int i = 0; i < count; i++)
                {
                    // Positions count from the start of the shard, so the scratch block poses as the part of one that begins there.
                    byte* data = scratch + i * VerifyBlockLength - start;
                    outputs[i] = new KernelOutput { Data = data, Length = end, Coefficients = _encodeMatrix.PreparedRow(first + i) };
                }

                DotProducts(inputs, DataShards, outputs, count, start, end, accumulate: false);
                for (int i = 0; i < count; i++)
                {
                    if (!BlockIs(scratch + i * VerifyBlockLength, shards[DataShards + first + i], start, end))
                        return false;
                }
            }
        }

        GC.KeepAlive(_encodeMatrix);
        return true;
    }

    // Whether the bytes of a shard from start to end, and zeros where it is shorter, are those at expected.
    private static bool BlockIs(byte* expected, Shard shard, nuint start, nuint end)
    {
        nuint stored = nuint.Clamp(shard.Length, start, end) - start;
        return new ReadOnlySpan<byte>(expected, (int)stored).SequenceEqual(new ReadOnlySpan<byte>(shard.Data + start, (int)stored))
            && !new ReadOnlySpan<byte>(expected + stored, (int)(end - start - stored)).ContainsAnyExcept((byte)0);
    }

    [SkipLocalsInit]
    private void ReconstructCore(Shard* shards, in ShardSet present)
    {
        int presentCount = 0;
        for (int i = 0; i < TotalShards; i++)
            presentCount += present.Contains(i) ? 1 : 0;
        if (presentCount == TotalShards)
            return;
        if (presentCount < DataShards)
        {
            throw new MegatorrentException(
                ErrorKind.NotEnoughBlobs,
                $"Only {presentCount} of {TotalShards} shards are present: any {DataShards} are needed to make the others.");
        }

        DecodeMatrix decode = GetDecodeMatrix(present);
        ReadOnlySpan<byte> survivors = decode.Survivors, missing = decode.Missing;
        KernelInput* inputs = stackalloc KernelInput[DataShards];
        KernelOutput* outputs = stackalloc KernelOutput[ParityShards];
        for (int i = 0; i < survivors.Length; i++)
            InsertInput(inputs, i, shards[survivors[i]], decode.Coefficients.PreparedOffset(i));
        int wanted = 0;
        for (int i = 0; i < missing.Length; i++)
        {
            if (shards[missing[i]].Length != 0)
                InsertOutput(outputs, wanted++, shards[missing[i]], decode.Coefficients.PreparedRow(i));
        }

        nuint length = wanted == 0 ? 0 : outputs[0].Length;
        DotProducts(inputs, DataShards, outputs, wanted, 0, length, accumulate: false);
        GC.KeepAlive(decode);
    }

    // What changes in parity is the coefficient times (old xor new), that is coefficient times old xor coefficient times new:
    // two inputs with one coefficient, so the difference needs no memory.
    [SkipLocalsInit]
    private void UpdateCore(int dataIndex, Shard oldData, Shard newData, Shard* parity)
    {
        KernelInput* inputs = stackalloc KernelInput[2];
        KernelOutput* outputs = stackalloc KernelOutput[ParityShards];
        nuint offset = _encodeMatrix.PreparedOffset(dataIndex);
        InsertInput(inputs, 0, oldData, offset);
        InsertInput(inputs, 1, newData, offset);
        int wanted = 0;
        for (int i = 0; i < ParityShards; i++)
        {
            if (parity[i].Length != 0)
                InsertOutput(outputs, wanted++, parity[i], _encodeMatrix.PreparedRow(i));
        }

        DotProducts(inputs, 2, outputs, wanted, 0, inputs[0].Length, accumulate: true);
        GC.KeepAlive(_encodeMatrix);
    }

    // Longest first, so that the shards that reach a position are a prefix. Most stripes are in order already.
    private static void InsertInput(KernelInput* inputs, int count, Shard shard, nuint coefficientOffset)
    {
        for (; count > 0 && inputs[count - 1].Length < shard.Length; count--)
            inputs[count] = inputs[count - 1];
        inputs[count] = new KernelInput { Data = shard.Data, Length = shard.Length, CoefficientOffset = coefficientOffset };
    }

    private static void InsertOutput(KernelOutput* outputs, int count, Shard shard, byte* coefficients)
    {
        for (; count > 0 && outputs[count - 1].Length < shard.Length; count--)
            outputs[count] = outputs[count - 1];
        outputs[count] = new KernelOutput { Data = shard.Data, Length = shard.Length, Coefficients = coefficients };
    }

    /// <summary>
    /// Dot products over positions start to end of shards of any lengths, longest first. The range is cut where a shard ends, so that
    /// in each segment all take part that reach it, and no other:
    /// <code>
    ///   input 0   ====|====|======
    ///   input 1   ====|====|
    ///   input 2   ====|
    ///   segment    0,1,2 0,1  0
    /// </code>
    /// </summary>
    private void DotProducts(
        KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint end, bool accumulate)
    {
        while (start < end)
        {
            while (inputCount > 0 && inputs[inputCount - 1].Length <= start)
                inputCount--;
            while (outputCount > 0 && outputs[outputCount - 1].Length <= start)
                outputCount--;
            if (outputCount == 0)
                return;
            nuint segmentEnd = nuint.Min(end, outputs[outputCount - 1].Length);
            if (inputCount > 0)
                segmentEnd = nuint.Min(segmentEnd, inputs[inputCount - 1].Length);
            DotProductsOfSegment(inputs, inputCount, outputs, outputCount, start, segmentEnd, accumulate);
            start = segmentEnd;
        }
    }

    private void DotProductsOfSegment(
        KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint end, bool accumulate)
    {
        if (inputCount == 0)
        {
            for (int i = 0; i < outputCount && !accumulate; i++)
                NativeMemory.Clear(outputs[i].Data + start, end - start);
            return;
        }

        bool onePass = outputCount <= GaloisKernel.OutputsPerPassMax && inputCount <= GaloisKernel.InputsPerPassMax;
        nuint blockLength = onePass ? end - start : BlockLength(inputCount);
        for (nuint length; start < end; start += length)
        {
            length = nuint.Min(blockLength, end - start);
            for (int row = 0; row < outputCount; row += GaloisKernel.OutputsPerPassMax)
            {
                int rows = Math.Min(GaloisKernel.OutputsPerPassMax, outputCount - row);
                for (int column = 0; column < inputCount; column += GaloisKernel.InputsPerPassMax)
                {
                    int columns = Math.Min(GaloisKernel.InputsPerPassMax, inputCount - column);
                    _kernel.DotProduct(inputs + column, columns, outputs + row, rows, start, length, accumulate || column > 0);
                }
            }
        }
    }

    /// <summary>Bytes of each shard that are worked on at a time when <paramref name="inputCount"/> inputs take more than a pass.</summary>
    internal static nuint BlockLength(int inputCount)
    {
        int share = BlockBytesMax / (inputCount + GaloisKernel.OutputsPerPassMax);
        return (nuint)Math.Max(BlockLengthMin, share & -BlockLengthMin);
    }
}
