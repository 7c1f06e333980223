using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_entry_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_entry_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_ENTRY_*</c>.</summary>
    public uint Kind;

    /// <summary>Permission bits.</summary>
    public uint Mode;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Bytes of a file.</summary>
    public ulong Length;

    /// <summary>Where its bytes begin in the content of the directory.</summary>
    public ulong Offset;

    /// <summary>Time of the last change, in nanoseconds since 1970.</summary>
    public long ModifiedUnixNs;
}
