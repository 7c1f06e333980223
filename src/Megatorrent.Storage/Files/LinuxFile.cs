using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Megatorrent.Storage.Files;

/// <summary>What Linux can do with a file and .NET does not offer, asked of the C library; elsewhere nothing happens.</summary>
internal static unsafe partial class LinuxFile
{
    private const int NoWait = 8; // RWF_NOWAIT
    private const uint BeginWriting = 2; // SYNC_FILE_RANGE_WRITE
    private const int Invalid = 22; // EINVAL: flags that the kernel does not know
    private const int NotImplemented = 38; // ENOSYS
    private const int NotSupported = 95; // EOPNOTSUPP: the file system cannot promise not to wait

    // Only there have offsets 64 bits without other names of the functions.
    private static volatile bool _isAvailable = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>
    /// Reads what the page cache holds, and never waits for the disk (preadv2 with RWF_NOWAIT: Linux 4.14 and later, and not on every file
    /// system). True: <paramref name="destination"/> was filled from <paramref name="offset"/> on. False: not, or not wholly; with
    /// <paramref name="isSupported"/> false it never will be, for this file.
    /// </summary>
    public static bool TryReadCached(SafeFileHandle handle, Span<byte> destination, long offset, out bool isSupported)
    {
        isSupported = _isAvailable;
        if (!isSupported)
            return false;
        try
        {
            nint count;
            fixed (byte* start = destination)
            {
                var buffer = new Buffer { Start = start, Length = (nuint)destination.Length };
                count = Read(handle, &buffer, 1, offset, NoWait);
            }
            isSupported = count >= 0 || Marshal.GetLastPInvokeError() is not (Invalid or NotImplemented or NotSupported);
            return count == destination.Length;
        }
        catch (EntryPointNotFoundException)
        {
            _isAvailable = isSupported = false; // a C library without it
            return false;
        }
    }

    /// <summary>Has the system begin to write a range that is in its cache to the disk, and does not wait for that.</summary>
    public static void BeginWriteback(SafeFileHandle handle, long offset, long length)
    {
        if (!_isAvailable)
            return;
        try
        {
            _ = SyncRange(handle, offset, length, BeginWriting); // only a hint: what cannot be written, the flush reports
        }
        catch (EntryPointNotFoundException)
        {
            _isAvailable = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, Buffer* buffers, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncRange(SafeFileHandle handle, long offset, long length, uint flags);

    // struct iovec
    private struct Buffer
    {
        public byte* Start;
        public nuint Length;
    }
}
