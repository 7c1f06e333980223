using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>
/// Something that a <see cref="RingLoop"/> has the kernel do: again and again, but one turn at a time. What the kernel may touch meanwhile,
/// a descriptor or memory, must be kept from <see cref="RingLoop.Submit"/> until <see cref="OnEnded"/>.
/// </summary>
internal abstract class RingOperation
{
    /// <summary>Where the loop keeps it while the kernel has it, and -1 while not. The loop's alone.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Says what the kernel is to do. On the loop's thread: must be quick and must not throw.</summary>
    public abstract void Prepare(ref SubmissionEntry entry);

    /// <summary>The kernel has done a part of it and goes on. On the loop's thread: must be quick and must not throw.</summary>
    /// <param name="result">What the system call would have returned; a negative one is an error number.</param>
    /// <param name="flags">Those of the completion.</param>
    public virtual void OnProgress(int result, uint flags)
    {
    }

    /// <summary>
    /// The kernel has done with it and touches nothing of it any more: it may be submitted again. On the loop's thread: must be quick and
    /// must not throw.
    /// </summary>
    /// <param name="result">What the system call would have returned; a negative one is an error number.</param>
    /// <param name="flags">Those of the completion.</param>
    public abstract void OnEnded(int result, uint flags);
}
