using System.Globalization;

namespace Megatorrent.Storage.Files;

/// <summary>The operating system's files.</summary>
public sealed class PhysicalFileSystem : IFileSystem
{
    private const string HolderSuffix = ".pid";

    /// <summary>The one instance; it has no state.</summary>
    public static PhysicalFileSystem Instance { get; } = new();

    private PhysicalFileSystem()
    {
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "create the directory");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        try
        {
            string[] names = Directory.GetFiles(directory);
            for (int i = 0; i < names.Length; i++)
                names[i] = Path.GetFileName(names[i]);
            return names;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, directory, "list the directory");
        }
    }

    /// <inheritdoc/>
    public IFile Open(string path, FileOpenMode mode)
    {
        try
        {
            FileMode fileMode = mode switch
            {
                FileOpenMode.CreateNew => FileMode.CreateNew,
                FileOpenMode.Create => FileMode.Create,
                _ => FileMode.Open,
            };
            FileAccess access = mode == FileOpenMode.Read ? FileAccess.Read : FileAccess.ReadWrite;
            return new PhysicalFile(path, File.OpenHandle(path, fileMode, access, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "open");
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "delete");
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, to, "rename a file to");
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        // Windows has no such operation; NTFS journals names by itself.
        if (!OperatingSystem.IsWindows())
            UnixDirectory.Sync(directory);
    }

    /// <inheritdoc/>
    public long GetFreeBytes(string directory)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception) || exception is ArgumentException)
        {
            throw FileErrors.Translate(exception, directory, "ask for the free space of");
        }
    }

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, out string? holder)
    {
        holder = null;
        FileStream stream;
        try
        {
            // FileShare.None is an exclusive lock by the operating system (flock on Unix); it ends with the process.
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception) when (FileErrors.IsSharingViolation(exception))
        {
            holder = ReadHolder(path);
            return null;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "open");
        }
        try
        {
            // In a file of its own: nobody else can read the locked one. A courtesy to the reader of an error message; a full disk must
            // not keep a store from opening.
            File.WriteAllText(path + HolderSuffix, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
        }
        return stream;
    }

    private static string? ReadHolder(string path)
    {
        try
        {
            string text = File.ReadAllText(path + HolderSuffix);
            return int.TryParse(text.AsSpan().TrimEnd('\n'), CultureInfo.InvariantCulture, out int process) ? $"process {process}" : null;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            return null;
        }
    }
}
