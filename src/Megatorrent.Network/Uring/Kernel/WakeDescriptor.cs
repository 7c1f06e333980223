using Microsoft.Win32.SafeHandles;

namespace Megatorrent.Network.Uring.Kernel;

/// <summary>An event that wakes a loop which waits in its ring: an eventfd.</summary>
internal sealed unsafe class WakeDescriptor : SafeHandleMinusOneIsInvalid
{
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC

    private WakeDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>A new event; null when there is none to be had.</summary>
    public static WakeDescriptor? TryCreate()
    {
        int descriptor = LibC.EventDescriptor(0, CloseOnExec);
        return descriptor >= 0 ? new WakeDescriptor(descriptor) : null;
    }

    /// <summary>The number, for whoever holds it.</summary>
    public int Number => (int)handle;

    /// <summary>Wakes the loop. Nobody reads the counter while a ring polls it, because every write completes that.</summary>
    public void Set()
    {
        ulong one = 1;
        _ = LibC.Write(Number, &one, sizeof(ulong));
    }

    /// <summary>Waits without a ring until <see cref="Set"/> was called since the last time.</summary>
    public void Wait()
    {
        ulong count;
        _ = LibC.Read(Number, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.Close(Number) == 0;
}
