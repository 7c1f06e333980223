using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_put_result_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClientPutResult : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_put_result_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Stripes, manifests included.</summary>
    public uint Stripes;

    /// <summary>Stripes that miss a blob.</summary>
    public uint IncompleteStripes;

    /// <summary>Blobs that could not be stored.</summary>
    public uint MissingBlobs;

    /// <summary>Blobs that this put stored.</summary>
    public uint BlobsStored;

    /// <summary>Blobs that were there already.</summary>
    public uint BlobsReused;

    /// <summary>Bytes of the object.</summary>
    public ulong Bytes;

    /// <summary>Bytes of its blobs.</summary>
    public ulong StoredBytes;
}
