using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_put_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ClientPutOptions : INativeStruct
{
    /// <inheritdoc/>
    static string INativeStruct.Name => "mt_put_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>k; 0 together with m is the default.</summary>
    public uint DataShards;

    /// <summary>m.</summary>
    public uint ParityShards;

    /// <summary><c>MT_SUITE_*</c>, or 0.</summary>
    public uint Suite;

    /// <summary><c>MT_COMPRESSION_*</c>, or 0.</summary>
    public uint Compression;

    /// <summary>Not 0: equal chunks are stored once.</summary>
    public uint Deduplicate;

    /// <summary>The name of the object, or NULL.</summary>
    public byte* Name;

    /// <summary>Told how far the put is, or NULL.</summary>
    public delegate* unmanaged[Cdecl]<void*, ulong, ulong, int> Progress;

    /// <summary>Passed to it.</summary>
    public void* ProgressContext;

    /// <summary>Filled in when the put succeeds, or NULL.</summary>
    public ClientPutResult* Result;
}
