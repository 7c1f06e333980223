using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_get_result_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClientGetResult : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_get_result_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Data blobs that had to be computed from parity.</summary>
    public uint BlobsRebuilt;

    /// <summary>Blobs that arrived with the wrong bytes.</summary>
    public uint BadBlobs;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Bytes of the object.</summary>
    public ulong Bytes;

    /// <summary>Bytes that an earlier get had brought.</summary>
    public ulong BytesResumed;
}
