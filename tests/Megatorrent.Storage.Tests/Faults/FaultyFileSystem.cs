using Megatorrent.Core;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Tests.Faults;

/// <summary>
/// Files in memory that keep apart what was written and what is durable, and fail on command. <see cref="LosePower"/> leaves what a
/// power cut would: durable bytes, and of the others any part; of the changes to names a prefix.
/// </summary>
public sealed class FaultyFileSystem(ulong seed) : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly SeededRandomSource _random = new(seed);
    private readonly HashSet<string> _locks = [];
    private readonly Queue<Action<Dictionary<string, FaultyInode>>> _pendingNames = new();
    private Dictionary<string, FaultyInode> _names = [];
    private Dictionary<string, FaultyInode> _durableNames = [];

    /// <summary>Operations that changed something, or tried to.</summary>
    public long Operations { get; private set; }

    /// <summary>From this operation on (counted from 1) everything fails, as on a machine that has lost its disk.</summary>
    public long DieAt { get; set; } = long.MaxValue;

    /// <summary>Bytes that the disk holds.</summary>
    public long DiskBytes { get; set; } = long.MaxValue / 2;

    /// <summary>Whether nothing may change, as on a file system that was mounted so.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Asked before each operation; what it returns is thrown instead.</summary>
    public Func<FileOperation, string, ErrorKind?>? Fault { get; set; }

    /// <summary>A part of a file, from the first to before the second offset, that cannot be read.</summary>
    public (string Path, long From, long To)? FaultRange { get; set; }

    /// <summary>Whether all that can be read without a fault is in memory, so that it can be read without an executor.</summary>
    public bool IsCached { get; set; }

    /// <summary>Files open now.</summary>
    public int OpenFiles { get; private set; }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        lock (_gate)
            return [.. _names.Keys.Where(path => Path.GetDirectoryName(path) == directory).Select(path => Path.GetFileName(path)!)];
    }

    /// <inheritdoc/>
    public IFile Open(string path, FileOpenMode mode)
    {
        lock (_gate)
        {
            bool exists = _names.TryGetValue(path, out FaultyInode? inode);
            bool creates = mode is FileOpenMode.Create or FileOpenMode.CreateNew;
            Check(FileOperation.Open, path, changes: creates);
            if (mode == FileOpenMode.CreateNew && exists)
                throw new MegatorrentException(ErrorKind.InputOutput, $"'{path}' exists.");
            if (!creates && !exists)
                throw new MegatorrentException(ErrorKind.NotFound, $"'{path}' is missing.");
            if (!exists)
            {
                inode = new FaultyInode();
                Change(names => names[path] = inode);
            }
            if (mode == FileOpenMode.Create)
                inode!.SetLength(0);
            OpenFiles++;
            return new FaultyFile(this, path, inode!);
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        lock (_gate)
        {
            Check(FileOperation.Delete, path, changes: true);
            Change(names => names.Remove(path));
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            Check(FileOperation.Rename, to, changes: true);
            FaultyInode inode = _names[from];
            Change(names =>
            {
                names.Remove(from);
                names[to] = inode;
            });
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        lock (_gate)
        {
            Check(FileOperation.SyncDirectory, directory, changes: true);
            while (_pendingNames.TryDequeue(out Action<Dictionary<string, FaultyInode>>? change))
                change(_durableNames);
        }
    }

    /// <inheritdoc/>
    public long GetFreeBytes(string directory)
    {
        lock (_gate)
            return DiskBytes - UsedBytes();
    }

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, out string? holder)
    {
        lock (_gate)
        {
            Check(FileOperation.Open, path, changes: false);
            holder = "this test";
            return _locks.Add(path) ? new Held(this, path) : null;
        }
    }

    /// <summary>The machine stops and starts again, with a disk that works.</summary>
    public void LosePower()
    {
        lock (_gate)
        {
            for (int count = _random.Next(_pendingNames.Count + 1); count > 0; count--)
                _pendingNames.Dequeue()(_durableNames);
            _pendingNames.Clear();
            _names = new Dictionary<string, FaultyInode>(_durableNames);
            foreach (FaultyInode inode in _names.Values)
                inode.LosePower(_random);
            _locks.Clear();
            DieAt = long.MaxValue;
            Fault = null;
            OpenFiles = 0;
        }
    }

    /// <summary>The process dies, the machine does not: everything written stays.</summary>
    public void KillProcess()
    {
        lock (_gate)
        {
            _locks.Clear();
            OpenFiles = 0;
        }
    }

    /// <summary>A disk of its own with the same files, all of them durable.</summary>
    public FaultyFileSystem Clone()
    {
        lock (_gate)
        {
            var clone = new FaultyFileSystem(0);
            foreach ((string path, FaultyInode inode) in _names)
                clone._names[path] = clone._durableNames[path] = inode.Clone();
            return clone;
        }
    }

    /// <summary>The bytes of a file, durable or not.</summary>
    public byte[] ReadAll(string path)
    {
        lock (_gate)
            return _names[path].ToArray();
    }

    /// <summary>Replaces the bytes of a file, durably, behind the back of the store.</summary>
    public void Replace(string path, byte[] bytes)
    {
        lock (_gate)
        {
            if (!_names.TryGetValue(path, out FaultyInode? inode))
                _names[path] = _durableNames[path] = inode = new FaultyInode();
            inode.Replace(bytes);
        }
    }

    /// <summary>Deletes a file, durably, behind the back of the store.</summary>
    public void Remove(string path)
    {
        lock (_gate)
        {
            _names.Remove(path);
            _durableNames.Remove(path);
        }
    }

    /// <summary>Whether there is a file of that name.</summary>
    public bool Exists(string path)
    {
        lock (_gate)
            return _names.ContainsKey(path);
    }

    /// <summary>The paths of the segments, the oldest first.</summary>
    public IReadOnlyList<string> Segments
    {
        get
        {
            lock (_gate)
                return [.. _names.Keys.Where(path => path.EndsWith(".seg", StringComparison.Ordinal)).Order()];
        }
    }

    private void Change(Action<Dictionary<string, FaultyInode>> change)
    {
        change(_names);
        _pendingNames.Enqueue(change);
    }

    private long UsedBytes() => _names.Values.Sum(inode => inode.Length);

    private void Check(FileOperation operation, string path, bool changes)
    {
        if (changes)
            Operations++;
        if (Operations >= DieAt)
            throw new MegatorrentException(ErrorKind.InputOutput, $"The disk is gone ({operation} '{path}').");
        if (changes && IsReadOnly)
            throw new MegatorrentException(ErrorKind.InputOutput, $"Read-only file system ({operation} '{path}').");
        if (Fault?.Invoke(operation, path) is { } kind)
            throw new MegatorrentException(kind, $"Injected {kind} ({operation} '{path}').");
    }

    private sealed class Held(FaultyFileSystem files, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (files._gate)
                files._locks.Remove(path);
        }
    }

    private sealed class FaultyFile(FaultyFileSystem files, string path, FaultyInode inode) : IFile
    {
        private bool _closed;

        public long Length
        {
            get
            {
                lock (files._gate)
                    return inode.Length;
            }
        }

        public int Read(Span<byte> destination, long offset)
        {
            lock (files._gate)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                files.Check(FileOperation.Read, path, changes: false);
                if (files.FaultRange is { } bad && bad.Path == path && offset < bad.To && offset + destination.Length > bad.From)
                    throw new MegatorrentException(ErrorKind.InputOutput, $"Bad sector ('{path}').");
                return inode.Read(destination, offset);
            }
        }

        public bool TryReadCached(Span<byte> destination, long offset)
        {
            if (!files.IsCached)
                return false;
            try
            {
                return Read(destination, offset) == destination.Length;
            }
            catch (MegatorrentException)
            {
                return false;
            }
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            lock (files._gate)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                byte[] bytes = [.. buffers.SelectMany(buffer => buffer.ToArray())];
                try
                {
                    files.Check(FileOperation.Write, path, changes: true);
                }
                catch (MegatorrentException) when (bytes.Length > 0 && !files.IsReadOnly)
                {
                    inode.Write(bytes.AsSpan(0, files._random.Next(bytes.Length)), offset);
                    throw;
                }
                long growth = offset + bytes.Length - inode.Length;
                long free = files.DiskBytes - files.UsedBytes();
                if (growth > free)
                {
                    inode.Write(bytes.AsSpan(0, (int)Math.Max(0, bytes.Length - (growth - Math.Max(0, free)))), offset);
                    throw new MegatorrentException(ErrorKind.StoreFull, $"No space left on device ('{path}').");
                }
                inode.Write(bytes, offset);
            }
        }

        public void SetLength(long length)
        {
            lock (files._gate)
            {
                files.Check(FileOperation.SetLength, path, changes: true);
                inode.SetLength(length);
            }
        }

        public void Flush()
        {
            lock (files._gate)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                try
                {
                    files.Check(FileOperation.Flush, path, changes: true);
                }
                catch (MegatorrentException)
                {
                    inode.ForgetUnflushed();
                    throw;
                }
                inode.Flush();
            }
        }

        public void Dispose()
        {
            lock (files._gate)
            {
                if (!_closed)
                    files.OpenFiles--;
                _closed = true;
            }
        }
    }
}
