using Megatorrent.Core.Erasure;
using Xunit.Abstractions;

namespace Megatorrent.Core.Tests.Erasure;

public sealed unsafe class KernelTests(ITestOutputHelper output)
{
    private const int LengthMax = 4097;

    [Fact]
    public void The_kernels_of_this_machine_are_listed()
    {
        foreach (KernelKind kind in Enum.GetValues<KernelKind>())
        {
            bool supported = ReedSolomon.SupportedKernels.Contains(kind);
            output.WriteLine(supported ? $"{kind}: tested" : $"{kind}: SKIPPED, this processor or framework lacks the instructions");
            if (!supported)
                Assert.Equal(ErrorKind.Unsupported, Assert.Throws<MegatorrentException>(() => new ReedSolomon(2, 2, kind)).Kind);
            else
                Assert.Equal(kind, new ReedSolomon(2, 2, kind).Kernel);
        }

        Assert.Equal(KernelKind.Scalar, ReedSolomon.SupportedKernels[^1]);
        Assert.Equal(ReedSolomon.SupportedKernels[0], new ReedSolomon(2, 2).Kernel);
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Every_length_and_address_gives_the_products_and_touches_nothing_else(string name)
    {
        using var bench = new Bench(Kernels.Find(name));
        for (int length = 0; length <= 130; length++)
        {
            for (int outputs = 1; outputs <= GaloisKernel.OutputsPerPassMax; outputs++)
            {
                int inputs = 1 + (length + outputs) % 5;
                bench.Check(inputs, outputs, length, atEnd: true, offset: 0, accumulate: false);
                bench.Check(inputs, outputs, length, atEnd: true, offset: 0, accumulate: true);
                bench.Check(inputs, outputs, length, atEnd: false, offset: length % 67, accumulate: (length & 1) != 0);
            }
        }

        foreach (int boundary in new[] { 256, 512, 1024, 4096 })
        {
            for (int length = boundary - 1; length <= boundary + 1; length++)
            {
                bench.Check(3, 4, length, atEnd: true, offset: 0, accumulate: false);
                bench.Check(2, 2, length, atEnd: false, offset: 13, accumulate: true);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Every_address_within_a_vector_gives_the_products(string name)
    {
        using var bench = new Bench(Kernels.Find(name));
        for (int offset = 0; offset <= 64; offset++)
        {
            bench.Check(2, 1 + offset % 4, 200, atEnd: false, offset, accumulate: false);
            bench.Check(2, 1 + offset % 4, 200, atEnd: true, offset, accumulate: true);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void The_most_inputs_of_a_pass_give_the_products(string name)
    {
        using var bench = new Bench(Kernels.Find(name));
        foreach (int length in new[] { 1, 64, 129, 300 })
        {
            for (int outputs = 1; outputs <= GaloisKernel.OutputsPerPassMax; outputs++)
                bench.Check(GaloisKernel.InputsPerPassMax, outputs, length, atEnd: true, offset: 0, accumulate: (length & 1) != 0);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels.All), MemberType = typeof(Kernels))]
    public void Every_coefficient_makes_every_product(string name)
    {
        GaloisKernel kernel = Kernels.Find(name);
        byte[] input = [.. Enumerable.Range(0, 256).Select(x => (byte)x)];
        byte[] result = new byte[256];
        for (int coefficient = 0; coefficient < 256; coefficient++)
        {
            var matrix = new CoefficientMatrix(kernel, 1, 1, [(byte)coefficient]);
            fixed (byte* from = input)
            fixed (byte* to = result)
            {
                var kernelInput = new KernelInput { Data = from, Length = 256, CoefficientOffset = matrix.PreparedOffset(0) };
                var kernelOutput = new KernelOutput { Data = to, Length = 256, Coefficients = matrix.PreparedRow(0) };
                kernel.DotProduct(&kernelInput, 1, &kernelOutput, 1, 0, 256, accumulate: false);
            }

            GC.KeepAlive(matrix);
            Assert.Equal(SlowField.Products((byte)coefficient), result);
        }
    }

    /// <summary>Shards in guarded memory, and the answer worked out the slow way.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly GaloisKernel _kernel;
        private readonly GuardedMemory[] _inputs = New(GaloisKernel.InputsPerPassMax);
        private readonly GuardedMemory[] _outputs = New(GaloisKernel.OutputsPerPassMax);
        private readonly byte[][] _expected = new byte[GaloisKernel.OutputsPerPassMax][];

        internal Bench(GaloisKernel kernel) => _kernel = kernel;

        internal void Check(int inputCount, int outputCount, int length, bool atEnd, int offset, bool accumulate)
        {
            ulong seed = (ulong)(length * 1_000_000 + inputCount * 10_000 + outputCount * 1000 + offset);
            string context = $"{inputCount} inputs, {outputCount} outputs, length {length}, offset {offset}, at end {atEnd}, "
                + $"accumulate {accumulate}, seed {seed}";
            var random = new SeededRandomSource(seed);
            byte[] coefficients = new byte[inputCount * outputCount];
            random.Fill(coefficients);
            var matrix = new CoefficientMatrix(_kernel, outputCount, inputCount, (byte[])coefficients.Clone());

            KernelInput* inputs = stackalloc KernelInput[inputCount];
            KernelOutput* outputs = stackalloc KernelOutput[outputCount];
            for (int c = 0; c < inputCount; c++)
            {
                _inputs[c].Place(length, atEnd, offset);
                random.Fill(_inputs[c].Span);
                nuint coefficient = matrix.PreparedOffset(c);
                inputs[c] = new KernelInput { Data = _inputs[c].Pointer, Length = (nuint)length, CoefficientOffset = coefficient };
            }

            for (int r = 0; r < outputCount; r++)
            {
                _outputs[r].Place(length, atEnd, offset);
                random.Fill(_outputs[r].Span);
                outputs[r] = new KernelOutput { Data = _outputs[r].Pointer, Length = (nuint)length, Coefficients = matrix.PreparedRow(r) };
                byte[] expected = _expected[r] = accumulate ? _outputs[r].Span.ToArray() : new byte[length];
                for (int c = 0; c < inputCount; c++)
                {
                    byte[] products = SlowField.Products(coefficients[r * inputCount + c]);
                    Span<byte> input = _inputs[c].Span;
                    for (int i = 0; i < length; i++)
                        expected[i] ^= products[input[i]];
                }
            }

            // The first bytes are left out, so that a start that is not zero is seen to count from the shard's own first byte.
            int start = Math.Min(length, offset % 3);
            for (int r = 0; r < outputCount; r++)
                _outputs[r].Span[..start].CopyTo(_expected[r]);
            _kernel.DotProduct(inputs, inputCount, outputs, outputCount, (nuint)start, (nuint)(length - start), accumulate);

            GC.KeepAlive(matrix);
            for (int r = 0; r < outputCount; r++)
            {
                Assert.True(_outputs[r].Span.SequenceEqual(_expected[r]), $"{context}: output {r} differs");
                _outputs[r].AssertSurroundingsUntouched(context);
            }
        }

        public void Dispose()
        {
            foreach (GuardedMemory memory in _inputs.Concat(_outputs))
                memory.Dispose();
        }

        private static GuardedMemory[] New(int count) => [.. Enumerable.Range(0, count).Select(_ => new GuardedMemory(LengthMax + 64))];
    }
}
