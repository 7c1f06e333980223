using System.Runtime.InteropServices;

namespace Megatorrent.Native.Operations;

/// <summary>
/// A file descriptor that becomes readable once and stays so: an eventfd on Linux, a pipe on other Unix systems. Its owner sees to it that
/// nothing is called beside Dispose.
/// </summary>
internal sealed unsafe partial class EventDescriptor : IDisposable
{
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC and EFD_NONBLOCK of Linux, as on every processor that .NET runs on but
    private const int NonBlocking = 0x800;   // the few that differ, none of which NativeAOT has

    private readonly int _writeEnd;

    private EventDescriptor(int readEnd, int writeEnd)
    {
        Number = readEnd;
        _writeEnd = writeEnd;
    }

    /// <summary>The descriptor to wait for.</summary>
    public int Number { get; }

    /// <summary>Makes one that is not readable yet.</summary>
    /// <exception cref="StatusException">Unsupported: the system has no descriptors. LimitExceeded: the process has no more.</exception>
    public static EventDescriptor Create()
    {
        if (OperatingSystem.IsLinux())
        {
            int descriptor = EventFd(0, CloseOnExec | NonBlocking);
            return descriptor >= 0 ? new EventDescriptor(descriptor, descriptor) : throw Failed("eventfd");
        }

        if (OperatingSystem.IsWindows())
            throw new StatusException(Status.Unsupported, "Windows has no file descriptors; wait with mt_operation_wait or a completion callback.");
        int* ends = stackalloc int[2];
        return Pipe(ends) == 0 ? new EventDescriptor(ends[0], ends[1]) : throw Failed("pipe");
    }

    /// <summary>Makes it readable.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = Write(_writeEnd, &one, sizeof(ulong)); // into an empty eventfd or pipe, so it cannot be refused
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Close(Number);
        if (_writeEnd != Number)
            _ = Close(_writeEnd);
    }

    private static StatusException Failed(string call) =>
        new(Status.LimitExceeded, $"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "pipe", SetLastError = true)]
    private static partial int Pipe(int* ends);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
