using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_check_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ClientCheckOptions : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_check_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Told how far the check is, or NULL.</summary>
    public delegate* unmanaged[Cdecl]<void*, ulong, ulong, int> Progress;

    /// <summary>Passed to it.</summary>
    public void* ProgressContext;
}
