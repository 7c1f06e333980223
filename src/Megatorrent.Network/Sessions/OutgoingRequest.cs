using Megatorrent.Core;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// A request of ours that is under way. It ends once, by its answer, an error, a cancel or a timeout; when it has ended, neither the
/// destination of a get nor the blob of a store is touched again.
/// </summary>
internal sealed class OutgoingRequest(
    MessageType type, MessageType answer, Memory<byte> destination = default, ReadOnlyMemory<byte> upload = default)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<byte[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _filled;
    private bool _ended;
    private BulkSource? _upload;
    private long _lastProgress;

    public uint Number { get; private set; }

    public MessageType Type { get; } = type;

    /// <summary>The type of the frame that answers it.</summary>
    public MessageType Answer { get; } = answer;

    /// <summary>The body of the answer; empty for a get.</summary>
    public Task<byte[]> Completion => _completion.Task;

    /// <summary>The timestamp at which the request was sent.</summary>
    public long BeganAt { get; private set; }

    /// <summary>The timestamp at which the first piece of a get's answer came; 0 when none has.</summary>
    public long FirstAt { get; private set; }

    /// <summary>Bytes in that piece.</summary>
    public int FirstLength { get; private set; }

    public void Begin(uint number, long now)
    {
        Number = number;
        BeganAt = now;
        _lastProgress = now;
    }

    /// <summary>The timestamp at which something last moved.</summary>
    public long LastProgress => Math.Max(Volatile.Read(ref _lastProgress), Volatile.Read(ref _upload)?.LastTaken ?? 0);

    /// <summary>The peer has room for the store: makes the source of its data. Null when the request has ended already.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.ProtocolViolation"/>: not a store, or told before.</exception>
    public BulkSource? Proceed(long now)
    {
        lock (_gate)
        {
            if (_ended)
                return null;
            if (upload.IsEmpty || _upload is not null)
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"The peer told request {Number} to proceed, which does not wait for that.");
            }
            return _upload = new BulkSource(Number, upload, FrameFlags.Upload, now);
        }
    }

    /// <summary>Moves a piece of the answer to a get into place. True when it was the last.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.ProtocolViolation"/>: more or fewer bytes than were asked for, or not a get.
    /// </exception>
    public bool TakeData(in FrameHeader header, DataPiece piece, bool endOfFrame, long now)
    {
        lock (_gate)
        {
            if (_ended)
                return false;
            bool isLast = endOfFrame && (header.Flags & FrameFlags.Last) != 0;
            int after = _filled + piece.Length;
            if (Answer != MessageType.Data || after > destination.Length || isLast && after != destination.Length)
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"The peer answered request {Number} with {after} bytes or more where {destination.Length} were asked for.");
            }
            piece.MoveTo(destination.Span[_filled..]);
            if (_filled == 0 && piece.Length > 0)
            {
                FirstAt = now;
                FirstLength = piece.Length;
            }
            _filled = after;
            if (piece.Length > 0)
                Volatile.Write(ref _lastProgress, now);
            return isLast;
        }
    }

    public void Complete(byte[] body)
    {
        if (TryEnd())
            _completion.TrySetResult(body);
    }

    public void Fail(MegatorrentException exception)
    {
        if (TryEnd())
            _completion.TrySetException(exception);
    }

    public void Cancel(CancellationToken cancellationToken)
    {
        if (TryEnd())
            _completion.TrySetCanceled(cancellationToken);
    }

    private bool TryEnd()
    {
        BulkSource? source;
        lock (_gate)
        {
            if (_ended)
                return false;
            _ended = true;
            source = _upload;
        }
        source?.Stop();
        return true;
    }
}
