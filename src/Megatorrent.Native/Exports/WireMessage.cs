using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_wire_message_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WireMessage : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_wire_message_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_WIRE_*</c>.</summary>
    public uint Type;

    /// <summary><c>MT_WIRE_FLAG_*</c>.</summary>
    public uint Flags;

    /// <summary>The number that the requester gave its request.</summary>
    public uint RequestNumber;

    /// <summary>A blob.</summary>
    public fixed byte Id[32];

    /// <summary>First byte wanted.</summary>
    public ulong Offset;

    /// <summary>Bytes wanted, or of the blob.</summary>
    public uint Length;

    /// <summary>An outcome or kind.</summary>
    public uint Code;

    /// <summary>How many things the items are about.</summary>
    public uint Count;

    /// <summary>Lowest protocol version spoken.</summary>
    public uint VersionMin;

    /// <summary>Highest protocol version spoken.</summary>
    public uint VersionMax;

    /// <summary>Bits for optional features.</summary>
    public uint Features;

    /// <summary>Requests that the sender answers at once.</summary>
    public uint RequestsMax;

    /// <summary>The longest blob that the sender takes, in bytes.</summary>
    public uint BlobLengthMax;

    /// <summary>How long the sender waits on a silent session, in milliseconds.</summary>
    public uint IdleTimeoutMs;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Bytes of a blob, a descriptor, a text, or something opaque.</summary>
    public byte* Bytes;

    /// <summary>How many.</summary>
    public nuint BytesLength;

    /// <summary>Ids, bits or descriptors end to end.</summary>
    public byte* Items;

    /// <summary>Bytes of them.</summary>
    public nuint ItemsLength;
}
