namespace Megatorrent.Core.Erasure;

/// <summary>
/// The few operations in which the vector kernels differ. An implementation is an empty struct whose members are one line each,
/// so that <see cref="VectorKernel{TOperations, TVector}"/> compiles to that instruction set's code, and what a test machine lacks
/// the instructions for is no more than these lines.
/// </summary>
/// <typeparam name="TVector">The register.</typeparam>
/// <remarks>
/// A product is made in parts. Shuffling takes two, one a half-byte: the product of the low half and the product of the high half,
/// each with its own table. An affine transformation takes one, the whole byte, and never calls <see cref="High"/>.
/// </remarks>
internal unsafe interface IVectorOperations<TVector>
    where TVector : struct
{
    /// <summary>The name of the variant.</summary>
    static abstract KernelKind Kind { get; }

    /// <summary>Bytes in a vector: a power of two, at most 64.</summary>
    static abstract int Width { get; }

    /// <summary>Parts of a product: 1 or 2.</summary>
    static abstract int Parts { get; }

    /// <summary>Bytes that one part of a prepared coefficient takes.</summary>
    static abstract int PartLength { get; }

    /// <summary>Writes all parts of a prepared coefficient.</summary>
    static abstract void Prepare(byte coefficient, Span<byte> destination);

    /// <summary>Reads a vector from any address.</summary>
    static abstract TVector Load(byte* source);

    /// <summary>Writes a vector to any address.</summary>
    static abstract void Store(byte* destination, TVector value);

    /// <summary>Reads one part of a prepared coefficient and repeats it over the vector.</summary>
    static abstract TVector LoadPart(byte* source);

    /// <summary>What the first part of the coefficient multiplies.</summary>
    static abstract TVector Low(TVector value);

    /// <summary>What the second part of the coefficient multiplies.</summary>
    static abstract TVector High(TVector value);

    /// <summary>One part of the product, byte by byte.</summary>
    static abstract TVector Multiply(TVector part, TVector value);

    /// <summary>Bitwise exclusive or.</summary>
    static abstract TVector Xor(TVector left, TVector right);
}
