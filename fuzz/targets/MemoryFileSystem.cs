using Megatorrent.Core;
using Megatorrent.Storage.Files;

namespace Megatorrent.Fuzz.Targets;

/// <summary>Files in memory that never fail: what is fuzzed is what stands in them.</summary>
internal sealed class MemoryFileSystem : IFileSystem
{
    private readonly Dictionary<string, Content> _files = [];

    /// <summary>Adds a file, or replaces it.</summary>
    public void Add(string path, byte[] bytes) => _files[path] = new Content { Bytes = bytes };

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory) =>
        [.. _files.Keys.Where(path => Path.GetDirectoryName(path) == directory).Select(static path => Path.GetFileName(path))];

    /// <inheritdoc/>
    public IFile Open(string path, FileOpenMode mode)
    {
        bool exists = _files.TryGetValue(path, out Content? content);
        if (mode is FileOpenMode.Create or FileOpenMode.CreateNew)
            _files[path] = content = new Content();
        else if (!exists)
            throw new MegatorrentException(ErrorKind.NotFound, $"There is no '{path}'.");
        return new MemoryFile(content!);
    }

    /// <inheritdoc/>
    public void Delete(string path) => _files.Remove(path);

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        _files[to] = _files[from];
        _files.Remove(from);
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
    }

    /// <inheritdoc/>
    public long GetFreeBytes(string directory) => 1L << 40;

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, out string? holder)
    {
        holder = null;
        return new MemoryStream(); // something to be disposed
    }

    private sealed class Content
    {
        public byte[] Bytes { get; set; } = [];
    }

    private sealed class MemoryFile(Content content) : IFile
    {
        public long Length => content.Bytes.Length;

        public int Read(Span<byte> destination, long offset)
        {
            int length = (int)Math.Clamp(content.Bytes.Length - offset, 0, destination.Length);
            if (length > 0)
                content.Bytes.AsSpan((int)offset, length).CopyTo(destination);
            return length;
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
        {
            foreach (ReadOnlyMemory<byte> buffer in buffers)
            {
                if (offset + buffer.Length > content.Bytes.Length)
                    SetLength(offset + buffer.Length);
                buffer.Span.CopyTo(content.Bytes.AsSpan((int)offset));
                offset += buffer.Length;
            }
        }

        public void SetLength(long length)
        {
            byte[] bytes = content.Bytes;
            Array.Resize(ref bytes, (int)length);
            content.Bytes = bytes;
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }
}
