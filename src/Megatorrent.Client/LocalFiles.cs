using System.Runtime.InteropServices;
using Megatorrent.Core;

namespace Megatorrent.Client;

/// <summary>Local files as a put reads them and a get writes them, with errors that name the path and the way out.</summary>
internal static partial class LocalFiles
{
    // Without Unix permissions (Windows), what a new file would have.
    private const int DefaultFileMode = 0b110_100_100;
    private const int DefaultDirectoryMode = 0b111_101_101;
    private const int ModeBits = 0b111_111_111_111;
    private const int PermissionBits = 0b111_111_111; // who may read, write and run it

    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100;        // AT_SYMLINK_NOFOLLOW
    private const uint TypeMask = 1;           // STATX_TYPE
    private const uint UserMask = 8;           // STATX_UID
    private const int StatusLength = 256;
    private const int UserOffset = 20;
    private const int ModeOffset = 28;
    private const int FormatMask = 0xF000;     // S_IFMT
    private const int RegularFile = 0x8000;    // S_IFREG
    private const int Link = 0xA000;           // S_IFLNK

    public static FileStream OpenRead(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure($"'{path}' cannot be read", exception);
        }
    }

    /// <summary>One InputOutput error out of what the operating system said.</summary>
    public static MegatorrentException Failure(string what, Exception exception)
    {
        string why = exception switch
        {
            FileNotFoundException or DirectoryNotFoundException => "it does not exist; check the path",
            UnauthorizedAccessException => "permission is denied; check its owner and mode",
            _ => exception.Message.TrimEnd('.'),
        };
        return new MegatorrentException(ErrorKind.InputOutput, $"{what}: {why}.", exception);
    }

    public static int Mode(FileSystemInfo info) => OperatingSystem.IsWindows()
        ? info is DirectoryInfo ? DefaultDirectoryMode : DefaultFileMode
        : (int)info.UnixFileMode & ModeBits;

    /// <summary>
    /// Gives a path its permissions. Set-user-id, set-group-id and the sticky bit stay off: the object may come from anybody, and would make
    /// programs that others run as whoever got it.
    /// </summary>
    public static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)(mode & PermissionBits));
    }

    public static long ToUnixNs(DateTime utc) => (utc - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public static DateTime FromUnixNs(long unixNs)
    {
        long ticks = Math.Clamp(
            unixNs / TimeSpan.NanosecondsPerTick, DateTime.MinValue.Ticks - DateTime.UnixEpoch.Ticks, DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks);
        return DateTime.UnixEpoch.AddTicks(ticks);
    }

    /// <summary>
    /// Whether a path is a regular file. .NET shows pipes, sockets and devices as files of length 0, and opening a pipe waits for a writer.
    /// Off Linux nothing tells them apart; there they count as empty files, which are never opened.
    /// </summary>
    public static bool IsRegularFile(string path)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        Span<byte> status = stackalloc byte[StatusLength];
        return Statx(CurrentDirectory, path, 0, TypeMask, ref status[0]) == 0
            && (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & FormatMask) == RegularFile;
    }

    /// <summary>
    /// Whether what is at a path, if anything, is ours and no link: in a folder where others may write, somebody may have put a file there
    /// for us to fill. Off Linux everything counts as ours.
    /// </summary>
    public static bool IsOurs(string path)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        Span<byte> status = stackalloc byte[StatusLength];
        if (Statx(CurrentDirectory, path, NoFollow, TypeMask | UserMask, ref status[0]) != 0)
            return !Path.Exists(path);
        return (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & FormatMask) != Link
            && MemoryMarshal.Read<uint>(status[UserOffset..]) == EffectiveUser();
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    // statx has one layout on every architecture, unlike stat: man 2 statx.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte status);
}
