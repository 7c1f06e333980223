using Megatorrent.Core;
using Megatorrent.Core.Manifests;

namespace Megatorrent.Client;

/// <summary>
/// The files of a tree as one stream. A file counts as long as it was when the tree was scanned: one that grew is cut there, one that shrank is
/// an error, because the manifest's offsets would no longer hold.
/// </summary>
internal sealed class LocalTreeStream(LocalTree tree) : Stream
{
    private int _next;
    private FileStream? _file;
    private string _path = "";
    private long _left;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_left == 0)
        {
            if (_file is not null)
                await _file.DisposeAsync();
            _file = null;
            if (_next == tree.Entries.Count)
                return 0;
            DirectoryEntry entry = tree.Entries[_next++];
            if (entry.Kind != EntryKind.File || entry.Length == 0)
                continue;
            _path = Path.Combine(tree.Root, entry.Path);
            _file = LocalFiles.OpenRead(_path);
            _left = entry.Length;
        }

        int read;
        try
        {
            read = await _file!.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        }
        catch (IOException exception)
        {
            throw LocalFiles.Failure($"'{_path}' cannot be read", exception);
        }

        if (read == 0)
            throw new MegatorrentException(ErrorKind.InputOutput, $"'{_path}' became shorter while it was read. Put the directory again when nobody writes to it.");
        _left -= read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file?.Dispose();
        base.Dispose(disposing);
    }
}
