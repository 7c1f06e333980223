namespace Megatorrent.Core.Erasure;

/// <summary>One input of a dot product: bytes, how many there are, and where its coefficient stands in each output's row.</summary>
internal unsafe struct KernelInput
{
    /// <summary>The first byte of the shard.</summary>
    public byte* Data;

    /// <summary>Bytes in the shard.</summary>
    public nuint Length;

    /// <summary>Bytes from the start of a row of prepared coefficients to this input's coefficient.</summary>
    public nuint CoefficientOffset;
}

/// <summary>One output of a dot product: bytes, how many there are, and its row of prepared coefficients.</summary>
internal unsafe struct KernelOutput
{
    /// <summary>The first byte of the shard.</summary>
    public byte* Data;

    /// <summary>Bytes in the shard.</summary>
    public nuint Length;

    /// <summary>The row's first prepared coefficient.</summary>
    public byte* Coefficients;
}

/// <summary>
/// One variant of the inner loop: several dot products over the same inputs at once, so that each input byte is loaded once.
/// Stateless and safe to share between threads.
/// </summary>
internal abstract unsafe class GaloisKernel
{
    /// <summary>Outputs that one pass makes at most: with two vectors each, their sums fill half of sixteen registers.</summary>
    internal const int OutputsPerPassMax = 4;

    /// <summary>
    /// Inputs that one pass reads at most. As many pages are open at a time, well below the 64 entries of the first-level TLB,
    /// and their coefficients for four outputs take 4 KiB of the first-level cache.
    /// </summary>
    internal const int InputsPerPassMax = 32;

    /// <summary>The name of the variant.</summary>
    internal abstract KernelKind Kind { get; }

    /// <summary>Bytes that <see cref="Prepare"/> writes for one coefficient.</summary>
    internal abstract int CoefficientLength { get; }

    /// <summary>Writes a coefficient in the form that the loop reads: <see cref="CoefficientLength"/> bytes.</summary>
    internal abstract void Prepare(byte coefficient, Span<byte> destination);

    /// <summary>
    /// For each output and each position in [start, start + length): the sum of coefficient times input byte over all inputs,
    /// added to what is there (<paramref name="accumulate"/>) or replacing it.
    /// </summary>
    /// <param name="inputs">1 to <see cref="InputsPerPassMax"/> inputs, each at least start + length bytes long (not checked).</param>
    /// <param name="inputCount">How many inputs.</param>
    /// <param name="outputs">1 to <see cref="OutputsPerPassMax"/> outputs, as long; none overlaps an input or another output.</param>
    /// <param name="outputCount">How many outputs.</param>
    /// <param name="start">First position.</param>
    /// <param name="length">Positions; not a byte beyond them is read or written.</param>
    /// <param name="accumulate">Whether to add to the outputs instead of replacing them.</param>
    internal abstract void DotProduct(
        KernelInput* inputs, int inputCount, KernelOutput* outputs, int outputCount, nuint start, nuint length, bool accumulate);
}
