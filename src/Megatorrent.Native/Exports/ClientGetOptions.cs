using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_get_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ClientGetOptions : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_get_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Not 0: a file that is there is replaced.</summary>
    public uint Overwrite;

    /// <summary>Told how far the get is, or NULL.</summary>
    public delegate* unmanaged[Cdecl]<void*, ulong, ulong, int> Progress;

    /// <summary>Passed to it.</summary>
    public void* ProgressContext;

    /// <summary>Filled in when the get succeeds, or NULL.</summary>
    public ClientGetResult* Result;
}
