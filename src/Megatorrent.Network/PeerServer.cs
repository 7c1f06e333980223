using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Network;

/// <summary>Accepts connections, opens sessions on them and has a handler answer. Thread-safe.</summary>
public sealed class PeerServer : IAsyncDisposable
{
    private const int AcceptRetryMs = 100; // out of handles, say: trying at once would spin

    private readonly Lock _gate = new();
    private readonly ITransportListener _listener;
    private readonly SessionOptions _options;
    private readonly IPeerHandler _handler;
    private readonly SessionKeys _keys;
    private readonly ServerBudgets _budgets;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Session> _sessions = [];
    private bool _accepting = true;
    private int _connections;
    private int _unauthenticated;

    private PeerServer(ITransportListener listener, SessionOptions options, SessionKeys keys, IPeerHandler handler)
    {
        _listener = listener;
        _options = options;
        _handler = handler;
        _keys = keys;
        _budgets = new ServerBudgets(options);
    }

    // What one connection takes up; changed under the lock.
    private sealed class Place
    {
        public Session? Session;
        public bool IsUnauthenticated = true;
    }

    /// <summary>Where it listens, "host:port" with the real port.</summary>
    public string Endpoint => _listener.Endpoint;

    /// <summary>Connections that it holds, those in their handshake counted.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_gate)
                return _connections;
        }
    }

    /// <summary>Listens and begins to accept.</summary>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.InvalidArgument"/>: an option or the endpoint, or the endpoint cannot be listened on.
    /// </exception>
    public static async ValueTask<PeerServer> StartAsync(
        ITransport transport, string listen, SessionOptions options, IPeerHandler handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        options.Validate();
        var keys = new SessionKeys(options);
        try
        {
            var server = new PeerServer(await transport.ListenAsync(listen, cancellationToken), options, keys, handler);
            _ = server.AcceptAsync();
            return server;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops listening and ends every session at once; returns when all handlers have returned. Not to be awaited by a handler.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Session[] sessions;
        lock (_gate)
            sessions = [.. _sessions];
        _stopping.Cancel();
        await _listener.DisposeAsync();
        foreach (Session session in sessions)
            Close(session);
        await _drained.Task;
        _keys.Dispose();
    }

    private static void Close(Session session) => session.Close(ErrorKind.Unreachable, "the node is stopping.", tellPeer: false);

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                ITransportConnection connection = await _listener.AcceptAsync(_stopping.Token);
                string? refusal = TryAdmit();
                if (refusal is null)
                {
                    _ = ServeAsync(connection);
                }
                else
                {
                    connection.Abort();
                    Report(connection, null, new MegatorrentException(ErrorKind.LimitExceeded, refusal));
                }
            }
            catch (MegatorrentException exception)
            {
                _options.Observer?.Invoke(new SessionEvent(SessionEventKind.Refused, Endpoint, null, exception));
                await PauseAsync();
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
        }
        lock (_gate)
        {
            _accepting = false;
            if (_connections == 0)
                _drained.TrySetResult();
        }
    }

    private async ValueTask PauseAsync()
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(AcceptRetryMs), _options.Time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // The server is stopping; the accepting loop sees that itself.
        }
    }

    private string? TryAdmit()
    {
        lock (_gate)
        {
            if (_connections >= _options.MaxConnections)
                return $"The node holds {_options.MaxConnections} connections, its limit.";
            if (_unauthenticated >= _options.MaxUnauthenticatedConnections)
                return $"The node holds {_options.MaxUnauthenticatedConnections} connections without a certificate, its limit.";
            _connections++;
            _unauthenticated++;
            return null;
        }
    }

    private void Enter(Place place, Session session)
    {
        lock (_gate)
        {
            _sessions.Add(session);
            place.Session = session;
            place.IsUnauthenticated = session.Remote.Certificate is null;
            if (!place.IsUnauthenticated)
                _unauthenticated--;
        }
    }

    private void Release(Place place)
    {
        lock (_gate)
        {
            if (place.Session is { } session)
                _sessions.Remove(session);
            if (place.IsUnauthenticated)
                _unauthenticated--;
            if (--_connections == 0 && !_accepting)
                _drained.TrySetResult();
        }
    }

    private async Task ServeAsync(ITransportConnection connection)
    {
        var place = new Place();
        try
        {
            if (await TryOpenAsync(connection, place))
                await place.Session!.Completion;
        }
        finally
        {
            Release(place);
        }
    }

    // False when no session came about; that is reported.
    private async ValueTask<bool> TryOpenAsync(ITransportConnection connection, Place place)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.HandshakeTimeoutMs), _options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, timeout.Token);
        try
        {
            SecureChannel channel = await SessionHandshake.RespondAsync(connection, _keys, _options, either.Token);
            var session = new Session(channel, _options, _handler, _budgets, initiator: false);
            Enter(place, session);
            session.Start();
            if (_stopping.IsCancellationRequested)
                Close(session);
            await session.HelloReceived.OrCanceledAsync(either.Token);
            return true;
        }
        catch (Exception exception)
        {
            var reason = exception as MegatorrentException ?? (exception is OperationCanceledException
                ? new MegatorrentException(ErrorKind.Timeout, $"No session within {_options.HandshakeTimeoutMs / 1000.0:0.#} s.", exception)
                : new MegatorrentException(ErrorKind.Internal, $"The handshake failed: {exception.Message}", exception));
            if (place.Session is { } session)
            {
                session.Close(reason.Kind, reason.Message, tellPeer: true);
                await session.Completion;
            }
            connection.Abort();
            await connection.DisposeAsync();
            Report(connection, place.Session?.Remote, reason);
            return false;
        }
    }

    private void Report(ITransportConnection connection, PeerIdentity? peer, MegatorrentException reason) =>
        _options.Observer?.Invoke(new SessionEvent(SessionEventKind.Refused, connection.RemoteEndpoint, peer, reason));
}
