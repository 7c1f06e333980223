using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_stripe_blob_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StripeBlobInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_stripe_blob_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Bytes of the blob.</summary>
    public uint Length;

    /// <summary>Bytes behind a data blob with keys, else 0.</summary>
    public ulong PlaintextLength;

    /// <summary>1 for a data blob with keys.</summary>
    public uint HasKey;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Its id.</summary>
    public fixed byte Id[32];

    /// <summary>What opens it, or zeros.</summary>
    public fixed byte Key[32];
}
