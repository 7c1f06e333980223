using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>A request of the peer that is under way here.</summary>
internal sealed class IncomingRequest(RequestServer server, uint number, MessageType type, long now)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _canceled = new(); // no timer and no link: needs no disposal
    private readonly TaskCompletionSource _assembled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private BlobLease? _blob;
    private int _filled;
    private long _lastProgress = now;

    public uint Number { get; } = number;

    public MessageType Type { get; } = type;

    /// <summary>Whether an answer was queued; the request then lasts until that is sent.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether this is the kind of request that bulk must not delay.</summary>
    public bool IsControl { get; } = IsControlType(type);

    /// <summary>Fires when the peer cancels the request, or is gone.</summary>
    public CancellationToken Canceled => _canceled.Token;

    /// <summary>The ids of a want or find; else null.</summary>
    public ReadOnlyMemory<BlobId> Ids { get; init; }

    /// <summary>The body of a get.</summary>
    public GetMessage Get { get; init; }

    /// <summary>The body of a store.</summary>
    public StoreMessage Store { get; init; }

    /// <summary>The body of a notice.</summary>
    public NoticeMessage Notice { get; init; }

    /// <summary>An opaque body, copied; else null. The request's to dispose.</summary>
    public BlobLease? Body { get; init; }

    public static bool IsControlType(MessageType type) =>
        type is MessageType.Ping or MessageType.Gossip or MessageType.Probe or MessageType.Notice;

    public void OnAnswerSent() => server.Remove(this);

    public void Cancel()
    {
        try
        {
            _canceled.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the handler's failed; the request is canceled all the same.
        }
        _assembled.TrySetCanceled(Canceled);
    }

    /// <summary>Takes the data of the store into <paramref name="blob"/> from now on; completes when all is there.</summary>
    public Task ReceiveIntoAsync(BlobLease blob, long timestamp)
    {
        lock (_gate)
        {
            _blob = blob;
            _lastProgress = timestamp;
        }
        return _assembled.Task;
    }

    /// <summary>The blob is not written to after this.</summary>
    public void EndReceiving()
    {
        lock (_gate)
            _blob = null;
    }

    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.ProtocolViolation"/>: not what the store announced, or before its turn.
    /// </exception>
    public void TakeData(in FrameHeader header, DataPiece piece, bool endOfFrame, long timestamp)
    {
        bool isLast = endOfFrame && (header.Flags & FrameFlags.Last) != 0;
        lock (_gate)
        {
            if (Type != MessageType.Store)
                throw new MegatorrentException(ErrorKind.ProtocolViolation, $"The peer sent data for its {Type} request {Number}.");
            if (_assembled.Task.IsCompleted && _filled < Store.BlobLength)
                return; // given up here, while the data was on its way
            if (_blob is null && !_assembled.Task.IsCompleted)
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"The peer sent the data of store {Number} before it was told to.");
            }
            int after = _filled + piece.Length;
            if (_blob is null || after > Store.BlobLength || isLast && after != Store.BlobLength)
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"The peer ended store {Number} at {after} bytes or more; it announced {Store.BlobLength}.");
            }
            piece.MoveTo(_blob.Memory.Span[_filled..]);
            _filled = after;
            if (piece.Length > 0)
                _lastProgress = timestamp;
        }
        if (isLast)
            _assembled.TrySetResult();
    }

    /// <summary>Gives a store up whose data has stopped coming.</summary>
    public void GiveUpIfStalled(TimeProvider time, TimeSpan timeout)
    {
        lock (_gate)
        {
            if (_blob is null || _assembled.Task.IsCompleted || time.GetElapsedTime(_lastProgress) < timeout)
                return;
        }
        _assembled.TrySetException(new MegatorrentException(ErrorKind.Timeout,
            $"No data arrived for {timeout.TotalSeconds:0.#} s; the store was given up."));
    }
}
