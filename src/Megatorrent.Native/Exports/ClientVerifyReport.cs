using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_verify_report_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClientVerifyReport : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_verify_report_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>1 if every stripe has every blob.</summary>
    public uint Healthy;

    /// <summary>1 if every stripe can be read.</summary>
    public uint Recoverable;

    /// <summary>How many more blobs the weakest stripe can lose.</summary>
    public int LowestMargin;

    /// <summary>Stripes, manifests included.</summary>
    public uint Stripes;

    /// <summary>Stripes that have every blob.</summary>
    public uint HealthyStripes;

    /// <summary>Blobs and copies that should be there.</summary>
    public uint Blobs;

    /// <summary>Those that are right.</summary>
    public uint GoodBlobs;

    /// <summary>Those that nobody has.</summary>
    public uint MissingBlobs;

    /// <summary>Those that are wrong.</summary>
    public uint BadBlobs;
}
