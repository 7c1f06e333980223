using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_client_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ClientOpenOptions : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_client_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>How long one request may make no progress, in milliseconds; 0 is the default.</summary>
    public uint RequestTimeoutMs;

    /// <summary>Bytes of stripes under way, in each direction; 0 is the default.</summary>
    public ulong MemoryBytesMax;

    /// <summary>The credential itself, or NULL.</summary>
    public byte* Credential;

    /// <summary>A file with the credential, or NULL.</summary>
    public byte* CredentialPath;
}
