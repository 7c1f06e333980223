using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_capability_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CapabilityInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_capability_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>1 if it reads, 0 if it only verifies.</summary>
    public uint CanRead;

    /// <summary>The id of the root manifest.</summary>
    public fixed byte RootId[32];

    /// <summary>What opens it.</summary>
    public fixed byte Key[32];

    /// <summary>Bytes of the root manifest.</summary>
    public uint RootLength;

    /// <summary>Copies of the root manifest beyond the first.</summary>
    public uint ParityShards;
}
