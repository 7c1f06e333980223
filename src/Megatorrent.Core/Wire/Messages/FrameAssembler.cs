using System.Buffers;

namespace Megatorrent.Core.Wire.Messages;

/// <summary>
/// Cuts the byte stream of a session into frames, whatever the pieces it arrives in. Data frames are passed on as they come, without a
/// copy; other frames are passed in place when they lie whole in a piece, and are collected in a pooled buffer otherwise. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// A header is checked against the limits of its type before a buffer is taken for its body, so memory is bounded by one frame.
/// </remarks>
public sealed class FrameAssembler(IFrameSink sink) : IDisposable
{
    private readonly byte[] _header = new byte[FrameHeader.Length];
    private int _headerFill;
    private FrameHeader _current;
    private bool _inBody;
    private int _bodyFill;
    private byte[]? _body;

    /// <summary>Whether the stream stands between two frames: true at a clean end, false in a truncated frame.</summary>
    public bool IsBetweenFrames => !_inBody && _headerFill == 0;

    /// <summary>Takes the next bytes of the stream and hands every frame that they complete to the sink.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.ProtocolViolation"/> as <see cref="FrameHeader.Read"/> says, or what the sink throws. The stream cannot be
    /// read on.
    /// </exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            if (!_inBody)
            {
                if (!TryReadHeader(ref bytes))
                    return;
            }
            int wanted = _current.BodyLength - _bodyFill;
            ReadOnlySpan<byte> piece = bytes[..Math.Min(wanted, bytes.Length)];
            if (piece.Length < wanted && piece.Length == 0)
                return;
            bytes = bytes[piece.Length..];
            TakeBody(piece, piece.Length == wanted);
        }
    }

    /// <summary>
    /// Counts the next bytes of the stream as taken, without seeing them, if all of them are data of the frame in which the stream stands:
    /// whoever asks brings them to their place. False, and nothing changes, if not.
    /// </summary>
    /// <param name="length">How many bytes.</param>
    /// <param name="header">Of the frame.</param>
    /// <param name="endOfFrame">Whether they end it.</param>
    public bool TryTakeData(int length, out FrameHeader header, out bool endOfFrame)
    {
        header = _current;
        int after = _bodyFill + length;
        endOfFrame = after == _current.BodyLength;
        if (!_inBody || _current.Type != MessageType.Data || length <= 0 || after > _current.BodyLength)
            return false;
        _bodyFill = after;
        _inBody = !endOfFrame;
        return true;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        byte[]? body = Interlocked.Exchange(ref _body, null);
        if (body is not null)
            ArrayPool<byte>.Shared.Return(body);
    }

    private bool TryReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        if (_headerFill == 0 && bytes.Length >= FrameHeader.Length)
        {
            _current = FrameHeader.Read(bytes);
            bytes = bytes[FrameHeader.Length..];
        }
        else
        {
            int count = Math.Min(FrameHeader.Length - _headerFill, bytes.Length);
            bytes[..count].CopyTo(_header.AsSpan(_headerFill));
            _headerFill += count;
            bytes = bytes[count..];
            if (_headerFill < FrameHeader.Length)
                return false;
            _headerFill = 0;
            _current = FrameHeader.Read(_header);
        }
        _inBody = true;
        _bodyFill = 0;
        return true;
    }

    private void TakeBody(ReadOnlySpan<byte> piece, bool isLast)
    {
        if (isLast)
            _inBody = false; // before the sink is called: it may throw
        if (_current.Type == MessageType.Data)
        {
            _bodyFill += piece.Length;
            sink.OnData(_current, piece, isLast);
        }
        else if (isLast && _bodyFill == 0)
        {
            sink.OnFrame(_current, piece);
        }
        else
        {
            _body ??= ArrayPool<byte>.Shared.Rent(_current.BodyLength);
            piece.CopyTo(_body.AsSpan(_bodyFill));
            _bodyFill += piece.Length;
            if (isLast)
            {
                byte[] body = _body;
                _body = null;
                try
                {
                    sink.OnFrame(_current, body.AsSpan(0, _bodyFill));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(body);
                }
            }
        }
    }
}
