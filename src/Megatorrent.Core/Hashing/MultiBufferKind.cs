namespace Megatorrent.Core.Hashing;

/// <summary>A way to hash several messages.</summary>
internal enum MultiBufferKind
{
    /// <summary>One after the other, by the system's cryptography library.</summary>
    OneByOne,

    /// <summary>Three side by side, by the processor's SHA instructions.</summary>
    ShaInstructions,

    /// <summary>4, 8 or 16 side by side, in the lanes of AVX, AVX2 or AVX-512.</summary>
    VectorLanes,
}
