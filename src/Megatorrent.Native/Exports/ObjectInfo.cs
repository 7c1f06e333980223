using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_object_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ObjectInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_object_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_MANIFEST_FILE</c> or <c>MT_MANIFEST_DIRECTORY</c>.</summary>
    public uint Kind;

    /// <summary>Permission bits.</summary>
    public uint Mode;

    /// <summary>Entries of a directory.</summary>
    public uint EntryCount;

    /// <summary>Bytes of the content.</summary>
    public ulong Length;

    /// <summary>Time of the last change, in nanoseconds since 1970.</summary>
    public long ModifiedUnixNs;
}
