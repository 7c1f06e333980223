using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// The answering half of a session: takes the peer's requests from the receiving loop, which it never holds up, and runs the handler.
/// Thread-safe.
/// </summary>
/// <remarks>
/// A request holds one of its connection's turns until its answer is sent or the peer cancels it; one that comes when all turns are taken
/// is refused. A handler that goes on after a cancel is counted apart, so that cancelling cannot pile handlers up.
/// </remarks>
internal sealed class RequestServer(Session session, IPeerHandler? handler, SessionOptions options, ServerBudgets budgets)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, IncomingRequest> _requests = [];
    private readonly PairedBudget _receiving = new(options.MaxBytesUnderWay, budgets.Receiving);
    private readonly PairedBudget _sending = new(options.MaxBytesUnderWay, budgets.Sending);
    private readonly int _limit = LimitFor(session.Remote, options);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _bulkCount;
    private int _controlCount;
    private int _running;
    private bool _closed;

    private PeerIdentity Peer => session.Remote;

    /// <summary>Requests other than control ones that <paramref name="peer"/> may have under way.</summary>
    public static int LimitFor(PeerIdentity peer, SessionOptions options) => peer.Certificate is null
        ? Math.Min(MessageLimits.MaxUnauthenticatedRequestsUnderWay, options.MaxRequestsUnderWay)
        : options.MaxRequestsUnderWay;

    /// <summary>Takes a request. <paramref name="body"/> is not kept.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Malformed"/>: the body. <see cref="ErrorKind.ProtocolViolation"/>: its number is in use. Either ends the
    /// session.
    /// </exception>
    public void OnRequest(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        IncomingRequest request = Decode(header, body);
        string? refusal = TryAdmit(request);
        if (refusal is not null)
        {
            request.Body?.Dispose();
            session.Send(QueuedFrame.Error(header.RequestNumber, ErrorKind.LimitExceeded, refusal));
        }
        else if (header.Type == MessageType.Ping)
        {
            Answer(request, QueuedFrame.Rent(MessageType.Pong, request.Number, 0, request));
            Finish(request);
        }
        else
        {
            _ = ServeAsync(request);
        }
    }

    /// <summary>The peer no longer wants the answer to one of its requests.</summary>
    public void OnCancel(uint number)
    {
        IncomingRequest? request;
        lock (_gate)
        {
            if (!_requests.TryGetValue(number, out request))
                return; // answered meanwhile
            RemoveLocked(request);
        }
        request.Cancel();
    }

    /// <summary>Takes a piece of a store's data; dropped when the store is not under way any more.</summary>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.ProtocolViolation"/>: not what the store announced.</exception>
    public void OnData(in FrameHeader header, DataPiece piece, bool endOfFrame)
    {
        IncomingRequest? request;
        lock (_gate)
            _requests.TryGetValue(header.RequestNumber, out request);
        request?.TakeData(header, piece, endOfFrame, options.Time.GetTimestamp());
    }

    /// <summary>Takes a request out of the table: its answer was sent.</summary>
    public void Remove(IncomingRequest request)
    {
        lock (_gate)
            RemoveLocked(request);
    }

    /// <summary>Gives up the stores whose data has stopped coming.</summary>
    public void GiveUpStalled(TimeSpan timeout)
    {
        IncomingRequest[] requests;
        lock (_gate)
        {
            if (_requests.Count == 0)
                return;
            requests = [.. _requests.Values];
        }
        foreach (IncomingRequest request in requests)
            request.GiveUpIfStalled(options.Time, timeout);
    }

    /// <summary>Cancels everything and takes nothing more.</summary>
    public void Close()
    {
        IncomingRequest[] requests;
        lock (_gate)
        {
            _closed = true;
            requests = [.. _requests.Values];
            _requests.Clear();
            if (_running == 0)
                _drained.TrySetResult();
        }
        foreach (IncomingRequest request in requests)
            request.Cancel();
    }

    /// <summary>Completes when, after <see cref="Close"/>, the last handler has returned.</summary>
    public Task Drained => _drained.Task;

    private IncomingRequest Decode(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        uint number = header.RequestNumber;
        MessageType type = header.Type;
        long now = options.Time.GetTimestamp();
        switch (type)
        {
            case MessageType.Get:
                return new IncomingRequest(this, number, type, now) { Get = GetMessage.Decode(body) };
            case MessageType.Want:
                return new IncomingRequest(this, number, type, now) { Ids = WantMessage.Decode(body).Ids };
            case MessageType.Find:
                return new IncomingRequest(this, number, type, now) { Ids = FindMessage.Decode(body).StripeIds };
            case MessageType.Store:
                return new IncomingRequest(this, number, type, now) { Store = StoreMessage.Decode(body) };
            case MessageType.Notice:
                return new IncomingRequest(this, number, type, now) { Notice = NoticeMessage.Decode(body) };
            case MessageType.Ping:
                return new IncomingRequest(this, number, type, now);
            default:
                var copy = BlobLease.Rent(body.Length);
                body.CopyTo(copy.Memory.Span);
                return new IncomingRequest(this, number, type, now) { Body = copy };
        }
    }

    // Null when admitted, else why not.
    private string? TryAdmit(IncomingRequest request)
    {
        lock (_gate)
        {
            if (_closed)
                return "The session is ending.";
            if (_requests.ContainsKey(request.Number))
            {
                throw new MegatorrentException(ErrorKind.ProtocolViolation,
                    $"The peer used request number {request.Number} twice at once.");
            }
            int limit = request.IsControl ? MessageLimits.MaxControlRequestsUnderWay : _limit;
            if ((request.IsControl ? _controlCount : _bulkCount) >= limit)
                return $"More than {limit} requests under way on one connection.";
            if (_running >= 2 * (_limit + MessageLimits.MaxControlRequestsUnderWay))
                return "Too many canceled requests are still being worked on.";
            _requests.Add(request.Number, request);
            _running++;
            if (request.IsControl)
                _controlCount++;
            else
                _bulkCount++;
            return null;
        }
    }

    private void RemoveLocked(IncomingRequest request)
    {
        if (!_requests.TryGetValue(request.Number, out IncomingRequest? current) || current != request)
            return;
        _requests.Remove(request.Number);
        if (request.IsControl)
            _controlCount--;
        else
            _bulkCount--;
    }

    private void Answer(IncomingRequest request, in QueuedFrame frame)
    {
        request.IsAnswered = true;
        session.Send(frame);
    }

    private void Finish(IncomingRequest request)
    {
        request.Body?.Dispose();
        lock (_gate)
        {
            if (!request.IsAnswered)
                RemoveLocked(request);
            if (--_running == 0 && _closed)
                _drained.TrySetResult();
        }
    }

    private async Task ServeAsync(IncomingRequest request)
    {
        try
        {
            if (handler is null)
                throw new MegatorrentException(ErrorKind.Unsupported, "This side of the connection answers no requests.");
            await handler.AdmitAsync(Peer, request.Type, request.Canceled);
            await ServeAdmittedAsync(request, handler);
        }
        catch (OperationCanceledException) when (request.Canceled.IsCancellationRequested)
        {
            // The peer does not wait for an answer.
        }
        catch (MegatorrentException exception)
        {
            Answer(request, QueuedFrame.Error(request.Number, exception.Kind, exception.Message, request));
        }
        catch (Exception)
        {
            // Of an unforeseen failure the peer learns that it happened, not what it was.
            const string text = "The peer failed to answer because of a defect; see its log.";
            Answer(request, QueuedFrame.Error(request.Number, ErrorKind.Internal, text, request));
        }
        finally
        {
            Finish(request);
        }
    }

    private async ValueTask ServeAdmittedAsync(IncomingRequest request, IPeerHandler to)
    {
        if (!request.IsControl)
            await Task.Yield(); // a handler that computes before its first await must not hold up the receiving loop
        switch (request.Type)
        {
            case MessageType.Get:
                await ServeGetAsync(request, to);
                break;
            case MessageType.Want:
                bool[] present = await to.WantAsync(Peer, request.Ids, request.Canceled);
                Expect(present.Length == request.Ids.Length, request);
                var have = new HaveMessage(present);
                QueuedFrame haveFrame = QueuedFrame.Rent(MessageType.Have, request.Number, have.EncodedLength, request);
                have.Encode(haveFrame.Body);
                Answer(request, haveFrame);
                break;
            case MessageType.Store:
                bool isNew = request.Store.BlobLength == 0
                    ? await to.StoreAsync(Peer, request.Store.Id, default, request.Store.Descriptor, request.Canceled)
                    : await ServeStoreAsync(request, to);
                QueuedFrame stored = QueuedFrame.Rent(MessageType.Stored, request.Number, StoredMessage.EncodedLength, request);
                new StoredMessage(isNew).Encode(stored.Body);
                Answer(request, stored);
                break;
            case MessageType.Find:
                await ServeFindAsync(request, to);
                break;
            case MessageType.Notice:
                await to.NoticeAsync(Peer, request.Notice.Id, request.Notice.Kind, request.Canceled);
                Answer(request, QueuedFrame.Rent(MessageType.Pong, request.Number, 0, request));
                break;
            default:
                await ServeOpaqueAsync(request, to);
                break;
        }
    }

    private async ValueTask ServeGetAsync(IncomingRequest request, IPeerHandler to)
    {
        GetMessage get = request.Get;
        await _sending.AcquireAsync(get.Length, request.Canceled);
        try
        {
            using BlobLease lease = await to.GetAsync(Peer, get.Id, get.Offset, get.Length, request.Canceled);
            Expect(lease.Length == get.Length, request);
            var source = new BulkSource(request.Number, lease.Memory, FrameFlags.None, options.Time.GetTimestamp());
            using (request.Canceled.UnsafeRegister(static state => ((BulkSource)state!).Stop(), source))
            {
                session.Send(source);
                await source.Sent;
            }
        }
        finally
        {
            _sending.Release(get.Length);
        }
    }

    private async ValueTask<bool> ServeStoreAsync(IncomingRequest request, IPeerHandler to)
    {
        StoreMessage store = request.Store;
        await _receiving.AcquireAsync(store.BlobLength, request.Canceled);
        try
        {
            using var blob = BlobLease.Rent(store.BlobLength);
            try
            {
                Task assembled = request.ReceiveIntoAsync(blob, options.Time.GetTimestamp());
                session.Send(QueuedFrame.Rent(MessageType.Proceed, request.Number, 0));
                await assembled;
            }
            finally
            {
                request.EndReceiving();
            }
            return await to.StoreAsync(Peer, store.Id, blob.Memory, store.Descriptor, request.Canceled);
        }
        finally
        {
            _receiving.Release(store.BlobLength);
        }
    }

    private async ValueTask ServeFindAsync(IncomingRequest request, IPeerHandler to)
    {
        int most = request.Ids.Length * MessageLimits.MaxDescriptorLength;
        await _sending.AcquireAsync(most, request.Canceled);
        try
        {
            var found = new FoundMessage(await to.FindAsync(Peer, request.Ids, request.Canceled));
            Expect(found.Descriptors.Length == request.Ids.Length, request);
            QueuedFrame frame = QueuedFrame.Rent(MessageType.Found, request.Number, found.EncodedLength, request);
            found.Encode(frame.Body);
            Answer(request, frame);
        }
        finally
        {
            _sending.Release(most);
        }
    }

    private async ValueTask ServeOpaqueAsync(IncomingRequest request, IPeerHandler to)
    {
        ReadOnlyMemory<byte> body = request.Body!.Memory;
        var (type, answer) = request.Type switch
        {
            MessageType.Status => (MessageType.StatusReply, to.StatusAsync(Peer, body, request.Canceled)),
            MessageType.Gossip => (MessageType.GossipReply, to.GossipAsync(Peer, body, request.Canceled)),
            MessageType.Probe => (MessageType.ProbeReply, to.ProbeAsync(Peer, body, request.Canceled)),
            _ => (MessageType.Joined, to.JoinAsync(Peer, body, request.Canceled)),
        };
        byte[] reply = await answer;
        Expect(reply.Length <= MessageLimits.MaxOpaqueLength, request);
        Answer(request, QueuedFrame.Rent(type, request.Number, reply, request));
    }

    private static void Expect(bool kept, IncomingRequest request)
    {
        if (!kept)
            throw new InvalidOperationException($"The handler's answer to a {request.Type} request has the wrong length.");
    }
}
