using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_repair_report_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClientRepairReport : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_repair_report_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Stripes looked at.</summary>
    public uint Stripes;

    /// <summary>Stripes that got a blob back.</summary>
    public uint StripesRepaired;

    /// <summary>Blobs stored anew.</summary>
    public uint BlobsRestored;

    /// <summary>Blobs for which there is no node.</summary>
    public uint StillMissing;

    /// <summary>Stripes with fewer than k blobs.</summary>
    public uint Unrecoverable;
}
