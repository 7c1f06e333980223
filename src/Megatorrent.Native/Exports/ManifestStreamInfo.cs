using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_manifest_stream_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ManifestStreamInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_manifest_stream_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>0: its stripes hold the bytes. Above: they hold manifests.</summary>
    public uint Depth;

    /// <summary>Bytes behind it; 0 without keys.</summary>
    public ulong Length;

    /// <summary>Stripes.</summary>
    public uint StripeCount;

    /// <summary>0.</summary>
    public uint Reserved;
}
