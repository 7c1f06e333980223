using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_peer_info_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PeerInfo : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_peer_info_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>1 if the peer has shown a valid certificate.</summary>
    public uint HasCertificate;

    /// <summary>SHA-256 of its public key.</summary>
    public fixed byte NodeId[32];

    /// <summary>Ed25519.</summary>
    public fixed byte PublicKey[32];

    /// <summary>Of the protocol that both speak.</summary>
    public uint Version;

    /// <summary>0.</summary>
    public uint Reserved;
}
