namespace Megatorrent.Storage.Files;

/// <summary>
/// The little that a store asks of a file system, so that faults can be injected. Every member blocks and is thread-safe. Failures are
/// <see cref="Core.MegatorrentException"/>: NotFound where a file to open is missing, StoreFull where the disk has no room,
/// InputOutput for everything else; the message names the path.
/// </summary>
public interface IFileSystem
{
    /// <summary>Creates a directory, readable by its owner alone, and its parents; does nothing if it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>The names (not paths) of the files in a directory, in no order.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Opens a file. A file that was created is durable under its name only after <see cref="SyncDirectory"/>.</summary>
    IFile Open(string path, FileOpenMode mode);

    /// <summary>
    /// Removes a file; does nothing if it is missing. Files that are open stay readable. Durable after <see cref="SyncDirectory"/>.
    /// </summary>
    void Delete(string path);

    /// <summary>Renames a file, replacing what has the new name, in one step. Durable after <see cref="SyncDirectory"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Makes creations, deletions and renames in a directory durable.</summary>
    void SyncDirectory(string directory);

    /// <summary>Bytes that this process may still write to the disk of a directory.</summary>
    long GetFreeBytes(string directory);

    /// <summary>
    /// Takes the lock that a file stands for, which ends with the process at the latest. Returns null if another holds it, and then
    /// in <paramref name="holder"/> who, if known.
    /// </summary>
    IDisposable? TryLock(string path, out string? holder);
}
