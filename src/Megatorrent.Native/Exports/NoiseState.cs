namespace Megatorrent.Native.Exports;

/// <summary>Whose turn it is in a Noise session: <c>MT_NOISE_*</c>. The numbers are frozen.</summary>
internal enum NoiseState : uint
{
    /// <summary>Ours, in the handshake.</summary>
    Write = 1,

    /// <summary>Theirs, in the handshake.</summary>
    Read = 2,

    /// <summary>Anyone's.</summary>
    Established = 3,

    /// <summary>Nobody's: something failed.</summary>
    Dead = 4,
}
