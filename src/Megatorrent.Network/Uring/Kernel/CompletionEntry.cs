using System.Runtime.InteropServices;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>What the kernel answers: <c>struct io_uring_cqe</c>, 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CompletionEntry
{
    private const uint MoreFlag = 1 << 1; // IORING_CQE_F_MORE

    /// <summary>That of the submission.</summary>
    public readonly ulong UserData;

    /// <summary>What the system call would have returned; a negative one is an error number.</summary>
    public readonly int Result;

    /// <summary>IORING_CQE_F_*.</summary>
    public readonly uint Flags;

    /// <summary>Whether the operation goes on and will complete again.</summary>
    public bool HasMore => (Flags & MoreFlag) != 0;
}
