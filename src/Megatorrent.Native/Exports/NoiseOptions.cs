using System.Runtime.InteropServices;

namespace Megatorrent.Native.Exports;

/// <summary><c>mt_noise_options_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NoiseOptions : INativeStruct
{
    /// <inheritdoc/>
    public static string Name => "mt_noise_options_t";

    /// <summary>Bytes of the struct as the caller's header has it.</summary>
    public uint StructSize;

    /// <summary>1 if this side writes first.</summary>
    public uint Initiator;

    /// <summary><c>MT_SUITE_*</c>, or 0.</summary>
    public uint Suite;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>This side's X25519 secret.</summary>
    public byte* StaticSecret32;

    /// <summary>What both sides have said before in the clear, or NULL.</summary>
    public byte* Prologue;

    /// <summary>Bytes of it.</summary>
    public nuint PrologueLength;

    /// <summary>A secret for tests against published vectors, or NULL.</summary>
    public byte* EphemeralSecret32;
}
