using System.Runtime.InteropServices;

namespace Megatorrent.Storage.Files;

/// <summary>Flushes a directory. .NET opens no handle to a directory, so this asks the C library.</summary>
internal static partial class UnixDirectory
{
    private const int ReadOnly = 0; // O_RDONLY
    private const int Interrupted = 4; // EINTR
    private const int Invalid = 22; // EINVAL: the file system cannot flush directories
    private const int ReadOnlyFileSystem = 30; // EROFS

    public static void Sync(string path)
    {
        int descriptor;
        while ((descriptor = Open(path, ReadOnly)) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted)
                throw Failed(errno, path);
        }
        try
        {
            while (Fsync(descriptor) != 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno is Invalid or ReadOnlyFileSystem)
                    return;
                if (errno != Interrupted)
                    throw Failed(errno, path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static Core.MegatorrentException Failed(int errno, string path) =>
        FileErrors.FromErrno(errno, path, "flush the directory", Marshal.GetPInvokeErrorMessage(errno));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
