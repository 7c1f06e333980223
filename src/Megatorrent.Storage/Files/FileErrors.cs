using Megatorrent.Core;

namespace Megatorrent.Storage.Files;

/// <summary>Turns what the operating system says about files into the errors that callers act on.</summary>
internal static class FileErrors
{
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxTryAgain = 11;
    private const int DarwinTryAgain = 35;
    private const int NoSpace = 28;       // ENOSPC, the same number on Linux, macOS and the BSDs
    private const int LinuxQuota = 122;   // EDQUOT
    private const int DarwinQuota = 69;

    public static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    // .NET keeps the errno of a failed call in HResult where it knows no better name for it.
    public static bool IsSharingViolation(IOException exception) =>
        OperatingSystem.IsWindows() ? exception.HResult == WindowsSharingViolation
        : exception.HResult is LinuxTryAgain or DarwinTryAgain;

    public static MegatorrentException Translate(Exception exception, string path, string verb)
    {
        ErrorKind kind = exception switch
        {
            FileNotFoundException or DirectoryNotFoundException => ErrorKind.NotFound,
            IOException failure when IsFull(failure.HResult) => ErrorKind.StoreFull,
            _ => ErrorKind.InputOutput,
        };
        string message = kind == ErrorKind.StoreFull
            ? $"The disk is full: cannot {verb} '{path}'. Free some space, or lower the capacity of this store."
            : $"Cannot {verb} '{path}': {exception.Message}";
        return new MegatorrentException(kind, message, exception);
    }

    public static MegatorrentException FromErrno(int errno, string path, string verb, string text) =>
        new(IsFull(errno) ? ErrorKind.StoreFull : ErrorKind.InputOutput, $"Cannot {verb} '{path}': {text}");

    private static bool IsFull(int code) =>
        OperatingSystem.IsWindows() ? code is WindowsDiskFull or WindowsHandleDiskFull
        : code == NoSpace || code == (OperatingSystem.IsLinux() ? LinuxQuota : DarwinQuota);
}
