using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;

namespace Megatorrent.Network.Sessions;

/// <summary>
/// One secure session from its handshake to its end: the two loops, the timer, and what the frames that arrive mean. Requests of ours are
/// in a <see cref="RequestTable"/>, the peer's in a <see cref="RequestServer"/>. Thread-safe.
/// </summary>
internal sealed class Session : IFrameSink
{
    private const int MaxQueuedFrames = 4096; // far more than the turns of both sides need: past it the peer is not reading
    private const int CloseGraceMs = 1000; // for the explanation to arrive; then the connection is cut
    private const int DrainLength = 16 * 1024;
    private const int LeastTickMs = 5;

    private readonly Lock _gate = new();
    private readonly SecureChannel _channel;
    private readonly SessionOptions _options;
    private readonly bool _initiator;
    private readonly RequestTable _table;
    private readonly RequestServer _server;
    private readonly FrameSender _sender;
    private readonly RecordReader _reader;
    private readonly FrameAssembler _assembler;
    private readonly FairBudget _controlTurns = new(MessageLimits.MaxControlRequestsUnderWay);
    private readonly TaskCompletionSource<HelloMessage> _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closed = new();
    private FairBudget? _bulkTurns;
    private HelloMessage _theirs;
    private ITimer? _timer;
    private Task _completion = Task.CompletedTask;
    private MegatorrentException? _closeReason;
    private long _lastReceived;
    private long _lastUsed;
    private bool _pinging;

    public Session(SecureChannel channel, SessionOptions options, IPeerHandler? handler, ServerBudgets budgets, bool initiator)
    {
        _channel = channel;
        _options = options;
        _initiator = initiator;
        Closed = _closed.Token;
        _table = new RequestTable(options.Time);
        _server = new RequestServer(this, handler, options, budgets);
        _sender = new FrameSender(
            channel.Connection, new RecordWriter(channel.Connection, channel.SendCipher), options.Time, MaxQueuedFrames);
        _reader = new RecordReader(channel.Connection, channel.ReceiveCipher);
        _assembler = new FrameAssembler(this);
        _lastReceived = _lastUsed = options.Time.GetTimestamp();
    }

    public PeerIdentity Remote => _channel.Remote;

    public string RemoteEndpoint => _channel.Connection.RemoteEndpoint;

    /// <summary>The peer as messages name it.</summary>
    public string RemoteName => $"{RemoteEndpoint} ({Remote})";

    /// <summary>Completes with the peer's hello; faults when the session ends before.</summary>
    public Task<HelloMessage> HelloReceived => _hello.Task;

    /// <summary>Why the session ended; null while it is open.</summary>
    public MegatorrentException? CloseReason => Volatile.Read(ref _closeReason);

    public CancellationToken Closed { get; }

    /// <summary>Completes when the session has ended, its loops and its handlers with it.</summary>
    public Task Completion => _completion;

    public int RequestsUnderWay => _table.Count;

    /// <summary>The timestamp at which a request was last begun or ended.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    public void Start()
    {
        int tickMs = Math.Max(LeastTickMs, Math.Min(_options.RequestTimeoutMs, _options.IdleTimeoutMs / 3) / 4);
        var tick = TimeSpan.FromMilliseconds(tickMs);
        _timer = _options.Time.CreateTimer(static state => ((Session)state!).OnTick(), this, tick, tick);
        if (!_initiator)
            SendHello();
        _completion = RunAsync(_timer);
    }

    /// <summary>Queues a frame; ends the session when the peer leaves too many unread.</summary>
    public void Send(in QueuedFrame frame)
    {
        if (!_sender.TryEnqueue(frame))
        {
            Close(ErrorKind.LimitExceeded, $"More than {MaxQueuedFrames} messages wait because the peer does not read.", tellPeer: true);
        }
    }

    public void Send(BulkSource source) => _sender.Add(source);

    /// <summary>
    /// Waits for a turn, sends a request and waits for its answer. <paramref name="frame"/> has the request's message and is returned.
    /// </summary>
    public async ValueTask<byte[]> ExchangeAsync(OutgoingRequest request, QueuedFrame frame, CancellationToken cancellationToken)
    {
        FairBudget turns = IncomingRequest.IsControlType(request.Type) ? _controlTurns : _bulkTurns!;
        try
        {
            await turns.AcquireAsync(1, cancellationToken);
        }
        catch
        {
            frame.Return();
            throw;
        }
        try
        {
            Volatile.Write(ref _lastUsed, _options.Time.GetTimestamp());
            if (!_table.TryRegister(request))
            {
                frame.Return();
                throw Ended();
            }
            frame.SetNumber(request.Number);
            Send(frame);
            using (cancellationToken.UnsafeRegister(_ => Cancel(request, cancellationToken), null))
                return await request.Completion;
        }
        finally
        {
            Volatile.Write(ref _lastUsed, _options.Time.GetTimestamp());
            turns.Release(1);
        }
    }

    /// <summary>The longest blob that the peer takes, in bytes.</summary>
    public long MaxBlobLength => _theirs.MaxBlobLength;

    /// <summary>
    /// Ends the session: requests under way fail with this kind and text, the peer's are canceled. With <paramref name="tellPeer"/> the
    /// peer is sent the reason before the connection is cut. Only the first call counts.
    /// </summary>
    public void Close(ErrorKind kind, string text, bool tellPeer)
    {
        var reason = new MegatorrentException(kind, $"{RemoteName}: {text}");
        lock (_gate)
        {
            if (_closeReason is not null)
                return;
            Volatile.Write(ref _closeReason, reason);
        }
        bool wasOpen = _hello.Task.IsCompletedSuccessfully;
        if (_hello.TrySetException(reason))
            _ = _hello.Task.Exception; // whoever waits is told; nobody has to wait
        foreach (OutgoingRequest request in _table.Close())
            request.Fail(Ended());
        _server.Close();
        if (tellPeer)
        {
            _sender.Finish(QueuedFrame.Error(0, kind, text));
            _timer?.Change(TimeSpan.FromMilliseconds(CloseGraceMs), Timeout.InfiniteTimeSpan);
        }
        else
        {
            _sender.Finish(null);
            _channel.Connection.Abort();
        }
        if (wasOpen)
            _options.Observer?.Invoke(new SessionEvent(SessionEventKind.Closed, RemoteEndpoint, Remote, reason));
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException)
        {
            // Somebody's callback failed; the session ends all the same.
        }
    }

    void IFrameSink.OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (CloseReason is not null)
            return;
        if (header.Type == MessageType.Hello)
            OnHello(HelloMessage.Decode(body));
        else if (header.Type == MessageType.Error)
            OnError(header.RequestNumber, ErrorMessage.Decode(body));
        else if (_bulkTurns is null)
            throw new MegatorrentException(ErrorKind.ProtocolViolation, $"The peer sent {header.Type} before its hello.");
        else
            OnFrameInSession(header, body);
    }

    void IFrameSink.OnData(in FrameHeader header, ReadOnlySpan<byte> piece, bool endOfFrame) =>
        OnData(header, new DataPiece(piece), endOfFrame);

    private void OnData(in FrameHeader header, DataPiece piece, bool endOfFrame)
    {
        if (CloseReason is not null)
            return;
        if (_bulkTurns is null)
            throw new MegatorrentException(ErrorKind.ProtocolViolation, "The peer sent data before its hello.");
        if ((header.Flags & FrameFlags.Upload) != 0)
            _server.OnData(header, piece, endOfFrame);
        else
            _table.OnData(header, piece, endOfFrame);
    }

    private void OnFrameInSession(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Type)
        {
            case MessageType.Ping or MessageType.Get or MessageType.Want or MessageType.Store or MessageType.Find or MessageType.Status
                or MessageType.Gossip or MessageType.Probe or MessageType.Join or MessageType.Notice:
                _server.OnRequest(header, body);
                break;
            case MessageType.Cancel:
                _server.OnCancel(header.RequestNumber);
                break;
            case MessageType.Proceed:
                if (_table.OnProceed(header.RequestNumber) is { } source)
                    _sender.Add(source);
                break;
            default:
                _table.OnAnswer(header, body);
                break;
        }
    }

    private void OnHello(in HelloMessage theirs)
    {
        if (_bulkTurns is not null)
            throw new MegatorrentException(ErrorKind.ProtocolViolation, "The peer said hello twice.");
        HelloMessage.Negotiate(OurHello(), theirs);
        _theirs = theirs;
        _bulkTurns = new FairBudget(Math.Min(_options.MaxRequestsUnderWay, theirs.MaxRequestsUnderWay));
        if (_initiator)
            SendHello();
        _options.Observer?.Invoke(new SessionEvent(SessionEventKind.Opened, RemoteEndpoint, Remote, null));
        _hello.TrySetResult(theirs);
    }

    private void OnError(uint number, in ErrorMessage error)
    {
        if (number == 0)
            Close(error.Kind, $"the peer ended the session: {error.Text}", tellPeer: false);
        else
            _table.OnError(number, new MegatorrentException(error.Kind, $"{RemoteName}: {error.Text}"));
    }

    private HelloMessage OurHello() => new(
        HelloMessage.Version, HelloMessage.Version, 0, (uint)RequestServer.LimitFor(Remote, _options), MessageLimits.MaxBlobLength,
        (uint)_options.IdleTimeoutMs);

    private void SendHello()
    {
        QueuedFrame frame = QueuedFrame.Rent(MessageType.Hello, 0, HelloMessage.EncodedLength);
        OurHello().Encode(frame.Body);
        Send(frame);
    }

    private MegatorrentException Ended() => new(CloseReason!.Kind, CloseReason.Message, CloseReason);

    private void Cancel(OutgoingRequest request, CancellationToken cancellationToken)
    {
        if (!_table.Remove(request))
            return;
        request.Cancel(cancellationToken); // before the peer is told: no data may follow the cancel
        Send(QueuedFrame.Rent(MessageType.Cancel, request.Number, 0));
    }

    private async Task RunAsync(ITimer timer)
    {
        await Task.WhenAll(ReceiveAsync(), SendAsync());
        _channel.Connection.Abort();
        await _channel.Connection.DisposeAsync();
        await timer.DisposeAsync();
        _channel.SendCipher.Dispose();
        _channel.ReceiveCipher.Dispose();
        await _server.Drained;
    }

    private async Task SendAsync()
    {
        try
        {
            await _sender.RunAsync();
        }
        catch (MegatorrentException exception)
        {
            Close(exception.Kind, exception.Message, tellPeer: false);
        }
        catch (Exception exception)
        {
            Close(ErrorKind.Internal, $"the sending loop failed: {exception.Message}", tellPeer: false);
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                if (!await _reader.ReadSealedAsync())
                {
                    Close(ErrorKind.Unreachable,
                        _assembler.IsBetweenFrames ? "the peer closed the connection." : "the connection ended in the middle of a message.",
                        tellPeer: false);
                    break;
                }
                Volatile.Write(ref _lastReceived, _options.Time.GetTimestamp());
                if (_assembler.TryTakeData(_reader.SealedLength, out FrameHeader header, out bool endOfFrame))
                    OnData(header, new DataPiece(_reader), endOfFrame); // a record full of one frame's data: straight to its place
                else
                    _assembler.Append(_reader.Open().Span);
                if (_reader.SealedLength > 0)
                    _reader.Open(); // nobody wanted it; the next one follows on it
            }
        }
        catch (MegatorrentException exception)
        {
            Close(exception.Kind, exception.Message, tellPeer: exception.Kind != ErrorKind.Unreachable);
        }
        catch (Exception exception)
        {
            Close(ErrorKind.Internal, $"the receiving loop failed: {exception.Message}", tellPeer: true);
        }
        await DrainAsync();
        _reader.Dispose();
        _assembler.Dispose();
    }

    // Until the peer has closed too, or the timer cuts the connection: closing with bytes unread would make TCP take back what was sent.
    private async ValueTask DrainAsync()
    {
        var scratch = new byte[DrainLength];
        try
        {
            while (await _channel.Connection.ReadAsync(scratch, CancellationToken.None) > 0)
            {
            }
        }
        catch (MegatorrentException)
        {
            // Cut: that is an end as well.
        }
    }

    private void OnTick()
    {
        if (CloseReason is not null)
        {
            _channel.Connection.Abort();
            return;
        }
        var timeout = TimeSpan.FromMilliseconds(_options.RequestTimeoutMs);
        var idle = TimeSpan.FromMilliseconds(_options.IdleTimeoutMs);
        if (_sender.IsStalled(timeout))
        {
            Close(ErrorKind.Timeout, $"the peer has read nothing for {timeout.TotalSeconds:0.#} s.", tellPeer: false);
            return;
        }
        if (_options.Time.GetElapsedTime(Volatile.Read(ref _lastReceived)) >= idle)
        {
            Close(ErrorKind.Timeout, $"nothing was heard for {idle.TotalSeconds:0.#} s.", tellPeer: true);
            return;
        }
        if (Remote.Certificate is { } certificate && certificate.Expires <= _options.Time.GetUtcNow())
        {
            Close(ErrorKind.Unauthorized, "the certificate expired during the session.", tellPeer: true);
            return;
        }
        foreach (OutgoingRequest request in _table.RemoveStalled(timeout))
        {
            request.Fail(new MegatorrentException(ErrorKind.Timeout,
                $"{RemoteName}: a {request.Type.ToString().ToLowerInvariant()} request got nowhere for {timeout.TotalSeconds:0.#} s."));
            Send(QueuedFrame.Rent(MessageType.Cancel, request.Number, 0));
        }
        _server.GiveUpStalled(timeout);
        if (_bulkTurns is not null)
            KeepAlive();
    }

    // Asks by what we have sent: the peer counts what it hears, however much it sends itself.
    private void KeepAlive()
    {
        double intervalMs = Math.Min(_options.IdleTimeoutMs, _theirs.IdleTimeoutMs) / 3.0;
        if (!_pinging && _options.Time.GetElapsedTime(_sender.LastSent).TotalMilliseconds >= intervalMs)
            _ = PingAsync();
    }

    private async Task PingAsync()
    {
        var request = new OutgoingRequest(MessageType.Ping, MessageType.Pong);
        if (!_table.TryRegister(request))
            return;
        _pinging = true;
        try
        {
            Send(QueuedFrame.Rent(MessageType.Ping, request.Number, 0));
            await request.Completion;
        }
        catch (MegatorrentException)
        {
            // Silence is judged by what arrives, not by this answer.
        }
        finally
        {
            _pinging = false;
        }
    }
}
