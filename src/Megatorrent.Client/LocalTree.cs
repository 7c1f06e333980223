using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>A directory on the local disk as it is put: its entries, sorted, and the bytes of its files one after the other.</summary>
internal sealed class LocalTree
{
    private LocalTree(string root, List<DirectoryEntry> entries, List<string> skipped)
    {
        Root = root;
        Entries = entries;
        Skipped = skipped;
    }

    public string Root { get; }

    public IReadOnlyList<DirectoryEntry> Entries { get; }

    /// <summary>Paths of what is neither file, folder nor link.</summary>
    public IReadOnlyList<string> Skipped { get; }

    public long ContentLength => Entries.Sum(static entry => entry.Length);

    /// <summary>Reads the tree's names, sizes, modes and times. Links are not followed.</summary>
    /// <exception cref="MegatorrentException">InputOutput: a folder cannot be read; the message names it.</exception>
    public static LocalTree Scan(string root, CancellationToken cancellationToken)
    {
        var entries = new List<DirectoryEntry>();
        var skipped = new List<string>();
        var folders = new Stack<(DirectoryInfo Folder, string Path)>();
        folders.Push((new DirectoryInfo(root), ""));
        while (folders.TryPop(out var folder))
        {
            foreach (FileSystemInfo info in Read(folder.Folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string path = folder.Path + info.Name;
                if (Describe(info, path) is not { } entry)
                {
                    skipped.Add(path);
                    continue;
                }

                DirectoryEntry.CheckPath(path);
                entries.Add(entry);
                if (entry.Kind == EntryKind.Directory)
                    folders.Push(((DirectoryInfo)info, path + "/"));
            }
        }

        entries.Sort(static (left, right) => string.CompareOrdinal(left.Path, right.Path));
        return new LocalTree(root, entries, skipped);
    }

    /// <summary>The bytes of all files in the order of the entries. The caller disposes it.</summary>
    public Stream OpenContent() => new LocalTreeStream(this);

    private static FileSystemInfo[] Read(DirectoryInfo folder)
    {
        try
        {
            return folder.GetFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalFiles.Failure($"The directory '{folder.FullName}' cannot be read", exception);
        }
    }

    private static DirectoryEntry? Describe(FileSystemInfo info, string path)
    {
        try
        {
            int mode = LocalFiles.Mode(info);
            long modified = LocalFiles.ToUnixNs(info.LastWriteTimeUtc);
            if (info.LinkTarget is { } target)
                return new DirectoryEntry(path, EntryKind.SymbolicLink, 0, mode, modified, target);
            if (info is DirectoryInfo)
                return new DirectoryEntry(path, EntryKind.Directory, 0, mode, modified, "");
            // A pipe, socket or device opens like a file and never ends.
            return LocalFiles.IsRegularFile(info.FullName) ? new DirectoryEntry(path, EntryKind.File, ((FileInfo)info).Length, mode, modified, "") : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalFiles.Failure($"'{info.FullName}' cannot be read", exception);
        }
    }
}
