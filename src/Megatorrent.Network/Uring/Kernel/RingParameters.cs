using System.Runtime.InteropServices;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary><c>struct io_uring_params</c>, 120 bytes: what is wanted of a ring, and where the kernel has put its parts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingParameters
{
    public const uint CompletionSize = 1 << 3; // IORING_SETUP_CQSIZE
    public const uint SubmitAll = 1 << 7; // 5.18: one entry that is wrong does not stop those after it
    public const uint SingleIssuer = 1 << 12; // 6.0
    public const uint DeferTaskRun = 1 << 13; // 6.1: the kernel's part of a completion runs when the loop asks, not whenever it comes

    public const uint SingleMap = 1 << 0; // IORING_FEAT_SINGLE_MMAP, 5.4
    public const uint NoDrop = 1 << 1; // IORING_FEAT_NODROP, 5.5: completions that find the ring full wait in the kernel

    public uint SubmissionEntries;
    public uint CompletionEntries;
    public uint Flags;
    public uint ThreadProcessor;
    public uint ThreadIdle;
    public uint Features;
    public uint WorkDescriptor;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;

    public uint SubmissionHead;
    public uint SubmissionTail;
    public uint SubmissionMask;
    public uint SubmissionCount;
    public uint SubmissionFlags;
    public uint SubmissionDropped;
    public uint SubmissionArray;
    public uint SubmissionReserved;
    public ulong SubmissionUser;

    public uint CompletionHead;
    public uint CompletionTail;
    public uint CompletionMask;
    public uint CompletionCount;
    public uint CompletionOverflow;
    public uint CompletionArray;
    public uint CompletionFlags;
    public uint CompletionReserved;
    public ulong CompletionUser;
}
