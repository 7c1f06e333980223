using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_manifest_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ManifestInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_manifest_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_MANIFEST_*</c>.</summary>
    public uint Kind;

    /// <summary>Unix permission bits.</summary>
    public uint Mode;

    /// <summary>Streams; 0 when it comes in.</summary>
    public uint StreamCount;

    /// <summary>Time of the last change, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ModifiedUnixNs;

    /// <summary>1 if the keys are there; 0 when it comes in.</summary>
    public uint HasKeys;

    /// <summary>0.</summary>
    public uint Reserved;
}
