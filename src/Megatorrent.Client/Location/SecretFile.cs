using System.Security.Cryptography;
using System.Text;

namespace Megatorrent.Client.Location;

/// <summary>Small files that hold secrets or state: written whole or not at all, keys readable by their owner only.</summary>
public static class SecretFile
{
    /// <summary>Mode of a file with a key in it.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Mode of a folder with keys in it.</summary>
    public const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    // A credential or key is some hundred bytes; a file far beyond that is not one.
    private const int MaxLength = 64 * 1024;

    /// <summary>Creates the folder, and the ones above it, for the owner only; an existing folder is left as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnlyFolder);
    }

    /// <summary>
    /// Writes a text with mode 0600, through a temporary file and a rename, so that a crash leaves the old file or the new one. The temporary
    /// file has a name that nobody guesses and is made here: in a folder where others may write, nobody has put a link or a file of
    /// their own in its place.
    /// </summary>
    public static void Write(string path, string text)
    {
        string temporary = $"{path}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            using (FileStream stream = new(temporary, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads a text, without the white space around it.</summary>
    /// <exception cref="IOException">It is missing, unreadable, or longer than any such file.</exception>
    public static string Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] buffer = new byte[MaxLength + 1];
        int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length <= MaxLength
            ? Encoding.UTF8.GetString(buffer, 0, length).Trim()
            : throw new IOException($"{path} is longer than {MaxLength} bytes, so it is not what it should be");
    }

    /// <summary>Whether people other than the owner may read the file.</summary>
    public static bool IsReadableByOthers(string path) =>
        !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;
}
