using Megatorrent.Core;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>Our requests under way, by number. Frames for numbers that are not here are late, and dropped. Thread-safe.</summary>
internal sealed class RequestTable(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, OutgoingRequest> _requests = [];
    private uint _lastNumber;
    private bool _closed;

    public int Count
    {
        get
        {
            lock (_gate)
                return _requests.Count;
        }
    }

    /// <summary>Numbers the request and lets its answer find it. False when the session has ended.</summary>
    public bool TryRegister(OutgoingRequest request)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            do
            {
                _lastNumber++;
            }
            while (_lastNumber == 0 || _requests.ContainsKey(_lastNumber)); // after 2^32 requests the numbers start again
            request.Begin(_lastNumber, time.GetTimestamp());
            _requests.Add(_lastNumber, request);
            return true;
        }
    }

    /// <summary>Takes a request out. False when it was answered already.</summary>
    public bool Remove(OutgoingRequest request)
    {
        lock (_gate)
            return _requests.Remove(request.Number);
    }

    /// <summary>The answer of a request arrived.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.ProtocolViolation"/>: it is not the kind of answer that the request takes.
    /// </exception>
    public void OnAnswer(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        OutgoingRequest? request;
        lock (_gate)
        {
            if (!_requests.TryGetValue(header.RequestNumber, out request))
                return;
            if (header.Type != request.Answer)
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"The peer answered a {request.Type} request with {header.Type}.");
            }
            _requests.Remove(header.RequestNumber);
        }
        request.Complete(body.IsEmpty ? [] : body.ToArray());
    }

    /// <summary>The peer failed a request.</summary>
    public void OnError(uint number, MegatorrentException exception)
    {
        OutgoingRequest? request;
        lock (_gate)
            _requests.Remove(number, out request);
        request?.Fail(exception);
    }

    /// <summary>A piece of the answer to a get arrived.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.ProtocolViolation"/>: not what was asked for.</exception>
    public void OnData(in FrameHeader header, DataPiece piece, bool endOfFrame)
    {
        OutgoingRequest? request;
        lock (_gate)
            _requests.TryGetValue(header.RequestNumber, out request);
        if (request is not null && request.TakeData(header, piece, endOfFrame, time.GetTimestamp()) && Remove(request))
            request.Complete([]);
    }

    /// <summary>The peer has room for a store: the source to send, or null when the request has ended meanwhile.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.ProtocolViolation"/>: the request does not wait for that.</exception>
    public BulkSource? OnProceed(uint number)
    {
        OutgoingRequest? request;
        lock (_gate)
            _requests.TryGetValue(number, out request);
        return request?.Proceed(time.GetTimestamp());
    }

    /// <summary>Takes out the requests on which nothing has moved for <paramref name="timeout"/>.</summary>
    public List<OutgoingRequest> RemoveStalled(TimeSpan timeout)
    {
        var stalled = new List<OutgoingRequest>();
        lock (_gate)
        {
            foreach (OutgoingRequest request in _requests.Values)
            {
                if (time.GetElapsedTime(request.LastProgress) >= timeout)
                    stalled.Add(request);
            }
            foreach (OutgoingRequest request in stalled)
                _requests.Remove(request.Number);
        }
        return stalled;
    }

    /// <summary>Ends the table and takes everything out of it.</summary>
    public OutgoingRequest[] Close()
    {
        lock (_gate)
        {
            _closed = true;
            OutgoingRequest[] requests = [.. _requests.Values];
            _requests.Clear();
            return requests;
        }
    }
}
