using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>
/// Brings a directory: into PATH.mtpart, renamed to PATH when whole. Symbolic links are made last, so that no file is ever written through
/// one, and the modes and times of folders after everything in them.
/// </summary>
internal sealed class DirectoryDownload : IDownload
{
    private readonly string _path;
    private readonly Manifest _manifest;
    private readonly IReadOnlyList<DirectoryEntry> _entries;
    private readonly PartialDownload _partial;
    private readonly List<string> _unflushed = [];
    private FileStream? _file;
    private int _next;
    private long _left;
    private long _taken;

    public DirectoryDownload(string path, Manifest manifest, IReadOnlyList<DirectoryEntry> entries, BlobId root)
    {
        _path = path;
        _manifest = manifest;
        _entries = entries;
        _partial = new PartialDownload(path, root);
        Guard(_partial.ContentPath, () =>
        {
            Resumed = _partial.Load();
            if (Resumed > manifest.Streams[0].Length || !Directory.Exists(_partial.ContentPath))
                Resumed = 0;
            if (Resumed == 0 && Directory.Exists(_partial.ContentPath))
                Directory.Delete(_partial.ContentPath, recursive: true); // of another object, or from before its first checkpoint
            CreatePrivate(_partial.ContentPath);
            Skip(Resumed);
        });
    }

    public long Resumed { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_left == 0)
                OpenNextWithContent();
            int count = (int)Math.Min(bytes.Length, _left);
            ReadOnlySpan<byte> part = bytes[..count];
            try
            {
                _file!.Write(part);
            }
            catch (IOException exception)
            {
                throw LocalFiles.Failure($"'{_file!.Name}' cannot be written", exception);
            }

            _left -= count;
            _taken += count;
            bytes = bytes[count..];
            if (_left == 0)
                CloseFile();
        }
    }

    public void Checkpoint() => Guard(_partial.ContentPath, () =>
    {
        _file?.Flush(flushToDisk: true);
        foreach (string path in _unflushed)
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Flush(flushToDisk: true);
        }

        _unflushed.Clear();
        _partial.Save(_taken);
    });

    public void Complete()
    {
        while (_next < _entries.Count)
            CreateUpToContent();
        foreach (DirectoryEntry link in _entries.Where(static entry => entry.Kind == EntryKind.SymbolicLink))
        {
            string path = InPart(link.Path);
            Guard(path, () =>
            {
                File.Delete(path);
                File.CreateSymbolicLink(path, link.Target);
            });
        }

        // Deepest first: a folder's time changes when something is made in it, and a mode may forbid it.
        foreach (DirectoryEntry file in _entries.Where(static entry => entry.Kind == EntryKind.File))
            SetAttributes(InPart(file.Path), file.Mode, file.ModifiedUnixNs, isDirectory: false);
        foreach (DirectoryEntry folder in _entries.Where(static entry => entry.Kind == EntryKind.Directory).Reverse())
            SetAttributes(InPart(folder.Path), folder.Mode, folder.ModifiedUnixNs, isDirectory: true);
        Guard(_path, () =>
        {
            Directory.Move(_partial.ContentPath, _path);
            _partial.Forget();
        });
        SetAttributes(_path, _manifest.Mode, _manifest.ModifiedUnixNs, isDirectory: true);
    }

    public void Dispose() => _file?.Dispose();

    private string InPart(string path) => Path.Combine(_partial.ContentPath, path);

    // Goes past the entries whose content an earlier get brought, and into the file where it stopped.
    private void Skip(long offset)
    {
        while (_taken < offset)
        {
            CreateUpToContent();
            long part = Math.Min(_left, offset - _taken);
            _file!.Position = part;
            _left -= part;
            _taken += part;
            if (_left == 0)
                CloseFile();
        }

        _file?.SetLength(_file.Position);
    }

    private void OpenNextWithContent()
    {
        while (_left == 0)
        {
            if (_next == _entries.Count)
                throw new MegatorrentException(ErrorKind.Integrity, "The directory's content is longer than its list of files.");
            CreateUpToContent();
        }
    }

    // Makes folders and empty files up to the next file with content, and opens that.
    private void CreateUpToContent()
    {
        while (_next < _entries.Count)
        {
            DirectoryEntry entry = _entries[_next++];
            string path = InPart(entry.Path);
            switch (entry.Kind)
            {
                case EntryKind.Directory:
                    Guard(path, () => CreatePrivate(path));
                    break;
                case EntryKind.File:
                    Guard(path, () =>
                    {
                        // A list may leave out folders that only hold other entries.
                        CreatePrivate(Path.GetDirectoryName(path)!);
                        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                    });
                    _left = entry.Length;
                    if (_left > 0)
                        return;
                    CloseFile();
                    break;
            }
        }
    }

    private void CloseFile()
    {
        if (_file is null)
            return;
        _file.SetLength(_file.Position);
        _unflushed.Add(_file.Name);
        _file.Dispose();
        _file = null;
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void SetAttributes(string path, int mode, long modifiedUnixNs, bool isDirectory) => Guard(path, () =>
    {
        LocalFiles.SetMode(path, mode);
        if (isDirectory)
            Directory.SetLastWriteTimeUtc(path, LocalFiles.FromUnixNs(modifiedUnixNs));
        else
            File.SetLastWriteTimeUtc(path, LocalFiles.FromUnixNs(modifiedUnixNs));
    });

    private static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LocalFiles.Failure($"'{path}' cannot be written", exception);
        }
    }
}
