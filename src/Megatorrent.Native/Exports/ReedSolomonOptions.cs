using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_rs_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReedSolomonOptions : INativeStruct
{
    /// <summary>The only matrix so far, <c>MT_RS_MATRIX_CAUCHY</c>.</summary>
    public const uint MatrixCauchy = 0;

    /// <inheritdoc/>
    public static string Name => "mt_rs_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Which generator matrix.</summary>
    public uint Matrix;
}
