using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_stripe_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StripeInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_stripe_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>k.</summary>
    public uint DataShards;

    /// <summary>m.</summary>
    public uint ParityShards;

    /// <summary>Bytes of the longest blob, and of every parity blob.</summary>
    public uint ShardLength;

    /// <summary>k + m, or 1 with k = 1.</summary>
    public uint IdCount;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>The name by which the stripe is placed.</summary>
    public fixed byte Id[32];
}
