using Microsoft.Win32.SafeHandles;

namespace Megatorrent.Storage.Files;

/// <summary>A file of the operating system, read and written at offsets, without a cursor.</summary>
internal sealed class PhysicalFile(string path, SafeFileHandle handle) : IFile
{
    private volatile bool _cannotReadCached; // this file system has no such read: not asked again

    public long Length
    {
        get
        {
            try
            {
                return RandomAccess.GetLength(handle);
            }
            catch (Exception exception) when (FileErrors.IsFileError(exception))
            {
                throw FileErrors.Translate(exception, path, "ask for the length of");
            }
        }
    }

    public int Read(Span<byte> destination, long offset)
    {
        try
        {
            int total = 0;
            while (total < destination.Length)
            {
                int count = RandomAccess.Read(handle, destination[total..], offset + total);
                if (count == 0)
                    break;
                total += count;
            }
            return total;
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "read");
        }
    }

    public bool TryReadCached(Span<byte> destination, long offset)
    {
        if (_cannotReadCached)
            return false;
        bool isRead = LinuxFile.TryReadCached(handle, destination, offset, out bool isSupported);
        if (!isSupported)
            _cannotReadCached = true;
        return isRead;
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long offset)
    {
        try
        {
            RandomAccess.Write(handle, buffers, offset);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "write");
        }
    }

    public void BeginFlush(long offset, long length) => LinuxFile.BeginWriteback(handle, offset, length);

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "set the length of");
        }
    }

    public void Flush()
    {
        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception exception) when (FileErrors.IsFileError(exception))
        {
            throw FileErrors.Translate(exception, path, "flush");
        }
    }

    public void Dispose() => handle.Dispose();
}
