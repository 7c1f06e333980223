using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_blob_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlobInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_blob_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_SUITE_*</c>.</summary>
    public uint Suite;

    /// <summary><c>MT_COMPRESSION_*</c>.</summary>
    public uint Compression;

    /// <summary>Bytes of the chunk.</summary>
    public uint PlaintextLength;
}
