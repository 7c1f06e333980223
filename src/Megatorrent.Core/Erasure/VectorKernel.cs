using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Megatorrent.Core.Erasure;

/// <summary>
/// The vector kernels' loop, written once. A step covers two vectors of every input and makes up to four outputs:
/// <code>
///              input 0   input 1  ..          a0 b0 .. a3 b3 stay in registers from the first input to the last;
///            +--------+--------+              each input is loaded once a step, each part of a coefficient once a step
///   output 0 | c00    | c01    |  -> a0 b0
///   output 1 | c10    | c11    |  -> a1 b1
/// </code>
/// </summary>
/// <typeparam name="TOperations">The instruction set.</typeparam>
/// <typeparam name="TVector">Its register.</typeparam>
internal sealed unsafe class VectorKernel<TOperations, TVector> : GaloisKernel
    where TOperations : struct, IVectorOperations<TVector>
    where TVector : struct
{
    private const int StepLengthMax = 2 * 64;

    private const int CacheLineLength = 64;

    /// <summary>
    /// Bytes ahead of a step that are asked for. A step of ten inputs and four outputs fills the window in which a core looks ahead, and
    /// its own prefetcher stops where a page does: past the second-level cache this gave 10+4 a seventh more on a Zen 3, and cost nothing
    /// within it.
    /// </summary>
    private const int PrefetchLength = 512;

    internal override KernelKind Kind => TOperations.Kind;

    internal override int CoefficientLength => TOperations.Parts * TOperations.PartLength;

    private static int StepLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TOperations.Width;
    }

    internal override void Prepare(byte coefficient, Span<byte> destination) =>
        TOperations.Prepare(coefficient, destination[..CoefficientLength]);

    internal override void DotProduct(
        KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint length, bool accumulate)
    {
        nuint tail = length & (nuint)(StepLength - 1);
        nuint whole = length - tail;
        if (whole != 0)
            RunSteps(inputs, inputCount, outputs, outputCount, start, start + whole, accumulate);
        if (tail != 0)
            RunTail(inputs, inputCount, outputs, outputCount, start + whole, tail, accumulate);
    }

    // Copies what is left of every shard into a step's worth of stack, runs the same loop there, and copies the outputs back.
    [SkipLocalsInit]
    private static void RunTail(
        KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint length, bool accumulate)
    {
        byte* scratch = stackalloc byte[(InputsPerPassMax + OutputsPerPassMax) * StepLengthMax];
        KernelInput* paddedInputs = stackalloc KernelInput[InputsPerPassMax];
        KernelOutput* paddedOutputs = stackalloc KernelOutput[OutputsPerPassMax];

        for (int i = 0; i < inputCount; i++, scratch += StepLength)
        {
            NativeMemory.Copy(inputs[i].Data + start, scratch, length);
            paddedInputs[i] = new KernelInput { Data = scratch, CoefficientOffset = inputs[i].CoefficientOffset };
        }

        for (int i = 0; i < outputCount; i++, scratch += StepLength)
        {
            if (accumulate)
                NativeMemory.Copy(outputs[i].Data + start, scratch, length);
            paddedOutputs[i] = new KernelOutput { Data = scratch, Coefficients = outputs[i].Coefficients };
        }

        RunSteps(paddedInputs, inputCount, paddedOutputs, outputCount, 0, (nuint)StepLength, accumulate);
        for (int i = 0; i < outputCount; i++)
            NativeMemory.Copy(paddedOutputs[i].Data, outputs[i].Data + start, length);
    }

    private static void RunSteps(
        KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint end, bool accumulate)
    {
        switch (outputCount)
        {
            case 1:
                RunSteps<One>(inputs, inputs + inputCount, outputs, start, end, accumulate);
                break;
            case 2:
                RunSteps<Two>(inputs, inputs + inputCount, outputs, start, end, accumulate);
                break;
            case 3:
                RunSteps<Three>(inputs, inputs + inputCount, outputs, start, end, accumulate);
                break;
            default:
                RunSteps<Four>(inputs, inputs + inputCount, outputs, start, end, accumulate);
                break;
        }
    }

    // TCount.Value is a constant to the compiler, so what belongs to outputs that are not there disappears.
    // Optimized at once: the first, unoptimized tier would not inline the operations and be slower than the scalar kernel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSteps<TCount>(
        KernelInput* inputs, KernelInput* inputsEnd, KernelOutput* outputs, nuint start, nuint end, bool accumulate)
        where TCount : struct, IOutputCount
    {
        byte* row0 = outputs[0].Coefficients;
        byte* row1 = TCount.Value > 1 ? outputs[1].Coefficients : null;
        byte* row2 = TCount.Value > 2 ? outputs[2].Coefficients : null;
        byte* row3 = TCount.Value > 3 ? outputs[3].Coefficients : null;

        for (nuint at = start; at != end; at += (nuint)StepLength)
        {
            TVector a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default, a3 = default, b3 = default;
            if (accumulate)
            {
                LoadStep(outputs[0].Data + at, ref a0, ref b0);
                if (TCount.Value > 1)
                    LoadStep(outputs[1].Data + at, ref a1, ref b1);
                if (TCount.Value > 2)
                    LoadStep(outputs[2].Data + at, ref a2, ref b2);
                if (TCount.Value > 3)
                    LoadStep(outputs[3].Data + at, ref a3, ref b3);
            }

            for (KernelInput* input = inputs; input != inputsEnd; input++)
            {
                Prefetch(input->Data + at + PrefetchLength);
                nuint offset = input->CoefficientOffset;
                TVector a = TOperations.Load(input->Data + at);
                TVector b = TOperations.Load(input->Data + at + TOperations.Width);
                TVector lowA = TOperations.Low(a), highA = TOperations.Parts > 1 ? TOperations.High(a) : default;
                TVector lowB = TOperations.Low(b), highB = TOperations.Parts > 1 ? TOperations.High(b) : default;
                AddProduct(row0 + offset, lowA, highA, lowB, highB, ref a0, ref b0);
                if (TCount.Value > 1)
                    AddProduct(row1 + offset, lowA, highA, lowB, highB, ref a1, ref b1);
                if (TCount.Value > 2)
                    AddProduct(row2 + offset, lowA, highA, lowB, highB, ref a2, ref b2);
                if (TCount.Value > 3)
                    AddProduct(row3 + offset, lowA, highA, lowB, highB, ref a3, ref b3);
            }

            StoreStep(outputs[0].Data + at, a0, b0);
            if (TCount.Value > 1)
                StoreStep(outputs[1].Data + at, a1, b1);
            if (TCount.Value > 2)
                StoreStep(outputs[2].Data + at, a2, b2);
            if (TCount.Value > 3)
                StoreStep(outputs[3].Data + at, a3, b3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(
        byte* coefficient, TVector lowA, TVector highA, TVector lowB, TVector highB, ref TVector sumA, ref TVector sumB)
    {
        TVector part = TOperations.LoadPart(coefficient);
        sumA = TOperations.Xor(sumA, TOperations.Multiply(part, lowA));
        sumB = TOperations.Xor(sumB, TOperations.Multiply(part, lowB));
        if (TOperations.Parts > 1)
        {
            part = TOperations.LoadPart(coefficient + TOperations.PartLength);
            sumA = TOperations.Xor(sumA, TOperations.Multiply(part, highA));
            sumB = TOperations.Xor(sumB, TOperations.Multiply(part, highB));
        }
    }

    // Past the end of a shard, too: it is a hint, and never a fault.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* ahead)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(ahead);
        if (StepLength > CacheLineLength)
            Sse.Prefetch0(ahead + CacheLineLength);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadStep(byte* source, ref TVector a, ref TVector b)
    {
        a = TOperations.Load(source);
        b = TOperations.Load(source + TOperations.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreStep(byte* destination, TVector a, TVector b)
    {
        TOperations.Store(destination, a);
        TOperations.Store(destination + TOperations.Width, b);
    }

    private interface IOutputCount
    {
        static abstract int Value { get; }
    }

    private readonly struct One : IOutputCount
    {
        public static int Value => 1;
    }

    private readonly struct Two : IOutputCount
    {
        public static int Value => 2;
    }

    private readonly struct Three : IOutputCount
    {
        public static int Value => 3;
    }

    private readonly struct Four : IOutputCount
    {
        public static int Value => 4;
    }
}
