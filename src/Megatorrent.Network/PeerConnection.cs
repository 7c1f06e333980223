using Megatorrent.Core;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Core.Wire.Messages;
using Megatorrent.Network.Health;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Network;

/// <summary>
/// One secure session with a node, for many requests at once. Thread-safe.
/// </summary>
/// <remarks>
/// Every request may fail with a <see cref="MegatorrentException"/> whose text names the peer: of the kind that the peer answered;
/// <see cref="ErrorKind.Timeout"/> when nothing moved for <see cref="SessionOptions.RequestTimeoutMs"/>;
/// <see cref="ErrorKind.Unreachable"/>, <see cref="ErrorKind.Integrity"/> or <see cref="ErrorKind.ProtocolViolation"/> when the session
/// ended for such a reason. A request whose token fires throws <see cref="OperationCanceledException"/>, and the peer is told to stop.
/// Once a request has returned or thrown, the memory that it was given is not touched again. On a connection of a
/// <see cref="ConnectionPool"/> a request fails at once with <see cref="ErrorKind.Unreachable"/> while the peer's breaker is open.
/// </remarks>
public sealed class PeerConnection : IAsyncDisposable
{
    private readonly Session _session;
    private PeerHealth? _health;
    private TimeProvider _time = TimeProvider.System;
    private int _endCounted;

    internal PeerConnection(Session session) => _session = session;

    /// <summary>Who proved to be at the other end.</summary>
    public PeerIdentity Remote => _session.Remote;

    /// <summary>Where that is, "host:port".</summary>
    public string RemoteEndpoint => _session.RemoteEndpoint;

    /// <summary>Whether requests can still be made.</summary>
    public bool IsOpen => _session.CloseReason is null;

    /// <summary>Fires when the session ends.</summary>
    public CancellationToken Closed => _session.Closed;

    /// <summary>Requests of ours that are under way.</summary>
    public int RequestsUnderWay => _session.RequestsUnderWay;

    internal long LastUsed => _session.LastUsed;

    /// <summary>Connects to a node and opens a session.</summary>
    /// <param name="transport">What carries it.</param>
    /// <param name="endpoint">"host:port".</param>
    /// <param name="options">Who we are, and the limits.</param>
    /// <param name="expected">Who must answer; null when any node of the cluster will do.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <param name="handler">Answers the requests that the peer makes of us; null refuses them.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Unreachable"/>: nobody answers. <see cref="ErrorKind.Timeout"/>: no session within
    /// <see cref="SessionOptions.HandshakeTimeoutMs"/>. <see cref="ErrorKind.Unauthorized"/>: the peer is not who it should be, or
    /// refused our certificate. <see cref="ErrorKind.InvalidArgument"/>, <see cref="ErrorKind.Unsupported"/>,
    /// <see cref="ErrorKind.ProtocolViolation"/>.
    /// </exception>
    public static async ValueTask<PeerConnection> ConnectAsync(
        ITransport transport, string endpoint, SessionOptions options, NodeId? expected, CancellationToken cancellationToken,
        IPeerHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        using var keys = new SessionKeys(options);
        return await ConnectAsync(transport, endpoint, options, keys, expected, handler, cancellationToken);
    }

    internal static async ValueTask<PeerConnection> ConnectAsync(
        ITransport transport, string endpoint, SessionOptions options, SessionKeys keys, NodeId? expected, IPeerHandler? handler,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.HandshakeTimeoutMs), options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        ITransportConnection? connection = null;
        Session? session = null;
        try
        {
            connection = await transport.ConnectAsync(endpoint, either.Token);
            SecureChannel channel = await SessionHandshake.InitiateAsync(connection, keys, options, expected, either.Token);
            session = new Session(channel, options, handler, new ServerBudgets(options), initiator: true);
            session.Start();
            await session.HelloReceived.OrCanceledAsync(either.Token);
            return new PeerConnection(session);
        }
        catch (Exception exception)
        {
            if (session is not null)
            {
                session.Close(ErrorKind.Canceled, "the attempt to connect was given up.", tellPeer: false);
                await session.Completion;
            }
            else if (connection is not null)
            {
                connection.Abort();
                await connection.DisposeAsync();
            }
            if (exception is OperationCanceledException && timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new MegatorrentException(ErrorKind.Timeout,
                    $"{endpoint} did not open a session within {options.HandshakeTimeoutMs / 1000.0:0.#} s.", exception);
            }
            if (exception is MegatorrentException failure && connection is not null && session is null)
                throw new MegatorrentException(failure.Kind, $"{endpoint}: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>Asks whether the peer is there.</summary>
    public async ValueTask PingAsync(CancellationToken cancellationToken) =>
        await ExchangeAsync(MessageType.Ping, MessageType.Pong, default, cancellationToken);

    /// <summary>Fills <paramref name="destination"/> with the bytes of a blob from <paramref name="offset"/> on.</summary>
    /// <param name="id">The blob. Whether the bytes are its, is for the caller to verify.</param>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="destination">
    /// As many bytes as are wanted; partly overwritten after an error. Empty asks only whether the blob can be read.
    /// </param>
    /// <param name="cancellationToken">Cancels the request, here and there.</param>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Integrity"/>: the peer found its copy damaged;
    /// <see cref="ErrorKind.InvalidArgument"/>: the range ends past the blob; others as the type says.
    /// </exception>
    public async ValueTask GetAsync(BlobId id, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (offset < 0 || offset > MessageLimits.MaxBlobLength || destination.Length > MessageLimits.MaxBlobLength - offset)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"{destination.Length} bytes at offset {offset} are in no blob; the longest has {MessageLimits.MaxBlobLength}.");
        }
        QueuedFrame frame = QueuedFrame.Rent(MessageType.Get, 0, GetMessage.EncodedLength);
        new GetMessage(id, offset, destination.Length).Encode(frame.Body);
        await RequestAsync(new OutgoingRequest(MessageType.Get, MessageType.Data, destination), frame, destination.Length, cancellationToken);
    }

    /// <summary>Which of <paramref name="ids"/> the peer has, one flag an id; any number of ids, sent 8192 at a time.</summary>
    public async ValueTask<bool[]> WantAsync(ReadOnlyMemory<BlobId> ids, CancellationToken cancellationToken)
    {
        var present = new bool[ids.Length];
        for (int start = 0; start < ids.Length; start += MessageLimits.MaxWantIds)
        {
            var want = new WantMessage(ids.Slice(start, Math.Min(MessageLimits.MaxWantIds, ids.Length - start)));
            QueuedFrame frame = QueuedFrame.Rent(MessageType.Want, 0, want.EncodedLength);
            want.Encode(frame.Body);
            var request = new OutgoingRequest(MessageType.Want, MessageType.Have);
            HaveMessage have = HaveMessage.Decode(await RequestAsync(request, frame, 0, cancellationToken));
            CheckCount(have.Present.Length, want.Ids.Length);
            have.Present.CopyTo(present, start);
        }
        return present;
    }

    /// <summary>Has the peer keep a blob and its stripe's descriptor; returns when both are durable there.</summary>
    /// <param name="id">The blob, or with an empty <paramref name="blob"/> what the descriptor belongs to.</param>
    /// <param name="blob">Its bytes, at most <see cref="MessageLimits.MaxBlobLength"/>; empty has only the descriptor kept.</param>
    /// <param name="descriptor">At most <see cref="MessageLimits.MaxDescriptorLength"/> bytes; may be empty when there is a blob.</param>
    /// <param name="cancellationToken">Cancels the request; the peer may have stored the blob all the same.</param>
    /// <returns>Whether the blob was stored now; false when it was there.</returns>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: a length out of bounds; <see cref="ErrorKind.Unauthorized"/>: our role may not store;
    /// <see cref="ErrorKind.StoreFull"/>; <see cref="ErrorKind.Integrity"/>: the bytes are not the id's; others as the type says.
    /// </exception>
    public async ValueTask<bool> StoreAsync(
        BlobId id, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> descriptor, CancellationToken cancellationToken)
    {
        long limit = Math.Min(MessageLimits.MaxBlobLength, _session.MaxBlobLength);
        if (blob.Length > limit)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"A blob of {blob.Length} bytes; {_session.RemoteName} takes at most {limit}.");
        }
        if (descriptor.Length > MessageLimits.MaxDescriptorLength || blob.IsEmpty && descriptor.IsEmpty)
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"A descriptor of {descriptor.Length} bytes; the limit is {MessageLimits.MaxDescriptorLength}, and without a blob it "
                + "must not be empty.");
        }
        var store = new StoreMessage(id, blob.Length, descriptor);
        QueuedFrame frame = QueuedFrame.Rent(MessageType.Store, 0, store.EncodedLength);
        store.Encode(frame.Body);
        var request = new OutgoingRequest(MessageType.Store, MessageType.Stored, upload: blob);
        return StoredMessage.Decode(await RequestAsync(request, frame, 0, cancellationToken)).IsNew;
    }

    /// <summary>
    /// The descriptors of <paramref name="stripeIds"/> that the peer holds, in order, null where it holds none; sent 64 at a time.
    /// </summary>
    public async ValueTask<byte[]?[]> FindAsync(ReadOnlyMemory<BlobId> stripeIds, CancellationToken cancellationToken)
    {
        var descriptors = new byte[]?[stripeIds.Length];
        for (int start = 0; start < stripeIds.Length; start += MessageLimits.MaxFindIds)
        {
            var find = new FindMessage(stripeIds.Slice(start, Math.Min(MessageLimits.MaxFindIds, stripeIds.Length - start)));
            QueuedFrame frame = QueuedFrame.Rent(MessageType.Find, 0, find.EncodedLength);
            find.Encode(frame.Body);
            var request = new OutgoingRequest(MessageType.Find, MessageType.Found);
            FoundMessage found = FoundMessage.Decode(await RequestAsync(request, frame, 0, cancellationToken));
            CheckCount(found.Descriptors.Length, find.StripeIds.Length);
            found.Descriptors.CopyTo(descriptors, start);
        }
        return descriptors;
    }

    /// <summary>Tells the peer that a blob, which it should hold, is missing or damaged; returns when it has taken note.</summary>
    public async ValueTask NoticeAsync(BlobId id, NoticeKind kind, CancellationToken cancellationToken)
    {
        QueuedFrame frame = QueuedFrame.Rent(MessageType.Notice, 0, NoticeMessage.EncodedLength);
        new NoticeMessage(id, kind).Encode(frame.Body);
        await RequestAsync(new OutgoingRequest(MessageType.Notice, MessageType.Pong), frame, 0, cancellationToken);
    }

    /// <summary>Asks a status query; at most 256 KiB each way.</summary>
    public ValueTask<byte[]> StatusAsync(ReadOnlyMemory<byte> query, CancellationToken cancellationToken) =>
        ExchangeAsync(MessageType.Status, MessageType.StatusReply, query, cancellationToken);

    /// <summary>Exchanges membership gossip; at most 256 KiB each way.</summary>
    public ValueTask<byte[]> GossipAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        ExchangeAsync(MessageType.Gossip, MessageType.GossipReply, body, cancellationToken);

    /// <summary>Has the peer probe another node; at most 256 KiB each way.</summary>
    public ValueTask<byte[]> ProbeAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        ExchangeAsync(MessageType.Probe, MessageType.ProbeReply, body, cancellationToken);

    /// <summary>Exchanges an invitation for a certificate; at most 256 KiB each way.</summary>
    public ValueTask<byte[]> JoinAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        ExchangeAsync(MessageType.Join, MessageType.Joined, body, cancellationToken);

    /// <summary>
    /// Ends the session at once: requests under way fail with <see cref="ErrorKind.Unreachable"/>. Returns when handlers have, too.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _session.Completion;
    }

    internal void Close() => _session.Close(ErrorKind.Unreachable, "the connection was closed on this side.", tellPeer: false);

    /// <summary>From now on the requests count for a peer's health, and its breaker may fail them. For a pool, before it gives it out.</summary>
    internal void Observe(PeerHealth health, TimeProvider time)
    {
        _time = time;
        _health = health;
        health.Identified(Remote.Id);
    }

    // Membership decides about life, so a breaker must neither stop its messages nor judge by them.
    private static bool IsOfMembership(MessageType type) =>
        type is MessageType.Ping or MessageType.Gossip or MessageType.Probe or MessageType.Join;

    private ValueTask<byte[]> RequestAsync(
        OutgoingRequest request, QueuedFrame frame, int length, CancellationToken cancellationToken) =>
        _health is { } health && !IsOfMembership(request.Type)
            ? RequestAsync(health, request, frame, length, cancellationToken)
            : _session.ExchangeAsync(request, frame, cancellationToken);

    private async ValueTask<byte[]> RequestAsync(
        PeerHealth health, OutgoingRequest request, QueuedFrame frame, int length, CancellationToken cancellationToken)
    {
        PeerTicket ticket;
        try
        {
            ticket = health.Begin();
        }
        catch
        {
            frame.Return();
            throw;
        }
        try
        {
            byte[] answer = await _session.ExchangeAsync(request, frame, cancellationToken);
            Measure(health, request, length);
            health.Succeeded(ticket);
            return answer;
        }
        catch (MegatorrentException exception)
        {
            if (exception.Kind is not (ErrorKind.Timeout or ErrorKind.Unreachable or ErrorKind.ProtocolViolation or ErrorKind.Internal))
                health.Succeeded(ticket); // an error is an answer
            else if (IsOpen || Interlocked.Exchange(ref _endCounted, 1) == 0)
                health.Failed(ticket, exception.Message);
            else
                health.GivenUp(ticket); // the end of a session is one failure, however many requests it ends
            throw;
        }
        catch
        {
            health.GivenUp(ticket);
            throw;
        }
    }

    private void Measure(PeerHealth health, OutgoingRequest request, int length)
    {
        long now = _time.GetTimestamp();
        if (request.FirstAt != 0)
        {
            health.MeasureGet(
                _time.GetElapsedTime(request.BeganAt, request.FirstAt), _time.GetElapsedTime(request.FirstAt, now),
                length - request.FirstLength);
        }
        else if (request.Type is MessageType.Want or MessageType.Find or MessageType.Status)
        {
            health.MeasureAnswer(_time.GetElapsedTime(request.BeganAt, now));
        }
    }

    private ValueTask<byte[]> ExchangeAsync(
        MessageType type, MessageType answer, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (body.Length > MessageLimits.MaxBodyLength(type))
        {
            throw new MegatorrentException(ErrorKind.InvalidArgument,
                $"A {type} body of {body.Length} bytes; the limit is {MessageLimits.MaxBodyLength(type)}.");
        }
        return RequestAsync(new OutgoingRequest(type, answer), QueuedFrame.Rent(type, 0, body.Span), 0, cancellationToken);
    }

    private void CheckCount(int answered, int asked)
    {
        if (answered != asked)
        {
            throw new MegatorrentException(ErrorKind.ProtocolViolation,
                $"{_session.RemoteName} answered for {answered} ids where {asked} were asked for.");
        }
    }
}
