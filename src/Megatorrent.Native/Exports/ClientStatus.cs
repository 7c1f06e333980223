using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_client_status_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClientStatus : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_client_status_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>Nodes of the cluster.</summary>
    public uint Members;

    /// <summary>Those that live.</summary>
    public uint LivingMembers;

    /// <summary>Different failure domains.</summary>
    public uint FailureDomains;
}
