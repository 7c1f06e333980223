using Megatorrent.Storage.Files;
using Megatorrent.Storage.Tests.Faults;

namespace Megatorrent.Storage.Tests.Crashes;

/// <summary>Writes down, in order, everything that changes the disk below it, every flush, and what the workload notes.</summary>
internal sealed class RecordingFileSystem(FaultyFileSystem inner) : IFileSystem
{
    private readonly Dictionary<string, int> _inodes = [];
    private int _nextInode;

    public List<DiskEvent> Events { get; } = [];

    /// <summary>Takes in files that are there, and durable, before the recording begins.</summary>
    public void Take(DiskImage image)
    {
        foreach ((string path, byte[] bytes) in image.Files)
        {
            inner.Replace(path, bytes);
            int inode = NumberOf(path);
            Events.Add(new DiskEvent(DiskEventKind.Create, inode, Path: path));
            if (bytes.Length > 0)
                Events.Add(new DiskEvent(DiskEventKind.Write, inode, 0, bytes));
            Events.Add(new DiskEvent(DiskEventKind.Flush, inode));
        }
        Events.Add(new DiskEvent(DiskEventKind.SyncDirectory));
    }

    public void Note(StepNote note) => Events.Add(new DiskEvent(DiskEventKind.Note, Note: note));

    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    public IReadOnlyList<string> List(string directory) => inner.List(directory);

    public IFile Open(string path, FileOpenMode mode)
    {
        bool exists = inner.Exists(path);
        IFile file = inner.Open(path, mode);
        int inode = NumberOf(path);
        if (!exists)
            Events.Add(new DiskEvent(DiskEventKind.Create, inode, Path: path));
        else if (mode == FileOpenMode.Create)
            Events.Add(new DiskEvent(DiskEventKind.SetLength, inode));
        return new RecordedFile(this, inode, file);
    }

    public void Delete(string path)
    {
        inner.Delete(path);
        Events.Add(new DiskEvent(DiskEventKind.Delete, Path: path));
        _inodes.Remove(path);
    }

    public void Rename(string from, string to)
    {
        inner.Rename(from, to);
        Events.Add(new DiskEvent(DiskEventKind.Rename, _inodes[from], Path: from, NewPath: to));
        _inodes[to] = _inodes[from];
        _inodes.Remove(from);
    }

    public void SyncDirectory(string directory)
    {
        inner.SyncDirectory(directory);
        Events.Add(new DiskEvent(DiskEventKind.SyncDirectory));
    }

    public long GetFreeBytes(string directory) => inner.GetFreeBytes(directory);

    public IDisposable? TryLock(string path, out string? holder) => inner.TryLock(path, out holder);

    private int NumberOf(string path) => _inodes.TryGetValue(path, out int inode) ? inode : _inodes[path] = ++_nextInode;

    private sealed class RecordedFile(RecordingFileSystem files, int inode, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> destination, long offset) => file.Read(destination, offset);

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            byte[] bytes = [.. buffers.SelectMany(buffer => buffer.ToArray())];
            file.Write(buffers, offset);
            if (bytes.Length > 0)
                files.Events.Add(new DiskEvent(DiskEventKind.Write, inode, offset, bytes));
        }

        public void SetLength(long length)
        {
            file.SetLength(length);
            files.Events.Add(new DiskEvent(DiskEventKind.SetLength, inode, length));
        }

        public void Flush()
        {
            file.Flush();
            files.Events.Add(new DiskEvent(DiskEventKind.Flush, inode));
        }

        public void Dispose() => file.Dispose();
    }
}
