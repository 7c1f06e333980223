namespace Megatorrent.Core.Erasure;

/// <summary>
/// The variants of the inner loop of <see cref="ReedSolomon"/>, slowest first. All give the same bytes;
/// <see cref="ReedSolomon.SupportedKernels"/> says which of them this processor can run.
/// </summary>
public enum KernelKind
{
    /// <summary>One byte at a time; runs everywhere and is the oracle of all others.</summary>
    Scalar,

    /// <summary>Sixteen bytes at a time with a byte shuffle: SSSE3 on x86-64, AdvSimd on arm64.</summary>
    Vector128,

    /// <summary>Thirty-two bytes at a time with AVX2's byte shuffle.</summary>
    Avx2,

    /// <summary>Sixty-four bytes at a time with AVX-512BW's byte shuffle.</summary>
    Avx512,

    /// <summary>Thirty-two bytes at a time with GFNI's affine transformation (built for .NET 10 and later).</summary>
    Gfni256,

    /// <summary>Sixty-four bytes at a time with GFNI's affine transformation under AVX-512 (built for .NET 10 and later).</summary>
    Gfni512,
}
