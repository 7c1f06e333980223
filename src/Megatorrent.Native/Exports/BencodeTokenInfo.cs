using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_bencode_token_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BencodeTokenInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_bencode_token_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary><c>MT_BENCODE_*</c>.</summary>
    public uint Type;

    /// <summary>Containers that are open around the token.</summary>
    public uint Depth;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>The value of an integer.</summary>
    public long Integer;

    /// <summary>Where the content, or the token, begins.</summary>
    public nuint Offset;

    /// <summary>Bytes of the content, or of the token.</summary>
    public nuint Length;
}
