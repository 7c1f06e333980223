using Megatorrent.Core;
using Megatorrent.Storage.Files;

namespace Megatorrent.Storage.Records;

/// <summary>
/// Reads a file front to back through one buffer. A part that the disk will not give reads as zeros, so that a bad sector costs
/// the records on it and no more.
/// </summary>
internal sealed class WindowReader(IFile file, long end)
{
    private const int SectorBytes = 4096;
    private byte[] _buffer = new byte[64 * 1024];
    private long _start;
    private int _length;

    /// <summary>Whether any part could not be read.</summary>
    public bool HasReadErrors { get; private set; }

    /// <summary>
    /// <paramref name="count"/> bytes from <paramref name="offset"/> on, fewer at the end; valid until the next call. When the buffer must
    /// be filled for it, at least <paramref name="readAhead"/> bytes are read at once.
    /// </summary>
    public ReadOnlySpan<byte> Get(long offset, int count, int readAhead)
    {
        count = (int)Math.Clamp(end - offset, 0, count);
        if (offset < _start || offset + count > _start + _length)
            Fill(offset, (int)Math.Min(end - offset, Math.Max(count, readAhead)));
        int available = (int)Math.Clamp(_start + _length - offset, 0, count);
        return _buffer.AsSpan((int)(offset - _start), available);
    }

    private void Fill(long offset, int count)
    {
        if (_buffer.Length < count)
            _buffer = new byte[count];
        _start = offset;
        try
        {
            _length = file.Read(_buffer.AsSpan(0, count), offset);
        }
        catch (MegatorrentException)
        {
            HasReadErrors = true;
            FillBySector(offset, count);
        }
    }

    private void FillBySector(long offset, int count)
    {
        _length = count;
        for (int done = 0; done < count;)
        {
            int piece = Math.Min(count - done, SectorBytes - (int)((offset + done) % SectorBytes));
            Span<byte> target = _buffer.AsSpan(done, piece);
            target.Clear();
            try
            {
                if (file.Read(target, offset + done) < piece)
                {
                    _length = done + piece;
                    return;
                }
            }
            catch (MegatorrentException)
            {
                target.Clear();
            }
            done += piece;
        }
    }
}
