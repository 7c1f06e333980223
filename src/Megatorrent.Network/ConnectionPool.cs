using Megatorrent.Core;
using Megatorrent.Core.Wire;
using Megatorrent.Network.Health;
using Megatorrent.Network.Sessions;

namespace Megatorrent.Network;

/// <summary>
/// Keeps one connection a peer for all callers: concurrent callers share one attempt to connect, a dead connection is replaced, one that
/// nobody uses is closed after <see cref="SessionOptions.PoolIdleMs"/>. After a failed attempt the peer is left alone for a time that
/// doubles from 0.1 s to 10 s, less a random part of up to a half so that a crowd does not return at once. A peer that is connected and does
/// not answer is left alone by its breaker (<see cref="PeerHealth"/>): requests to it fail at once, but not pings, gossip and probes, which
/// decide about life. Thread-safe.
/// </summary>
public sealed class ConnectionPool : IAsyncDisposable
{
    /// <summary>Back-off after the first failure, in milliseconds.</summary>
    public const int FirstBackOffMs = 100;

    /// <summary>The longest back-off, in milliseconds.</summary>
    public const int MaxBackOffMs = 10_000;

    private const int SweepsPerIdleTime = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly ITransport _transport;
    private readonly SessionOptions _options;
    private readonly IPeerHandler? _handler;
    private readonly SessionKeys _keys;
    private readonly PeerHealthTable _health;
    private readonly CancellationTokenSource _disposing = new();
    private readonly ITimer _sweeper;

    /// <summary>Creates an empty pool.</summary>
    /// <param name="transport">What carries the connections.</param>
    /// <param name="options">Who we are, and the limits.</param>
    /// <param name="handler">Answers the requests that peers make over our connections; null refuses them.</param>
    /// <exception cref="MegatorrentException"><see cref="ErrorKind.InvalidArgument"/>: an option.</exception>
    public ConnectionPool(ITransport transport, SessionOptions options, IPeerHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _transport = transport;
        _options = options;
        _handler = handler;
        _keys = new SessionKeys(options);
        _health = new PeerHealthTable(options.Health, options.Time, options.Random);
        var period = TimeSpan.FromMilliseconds(Math.Max(1, options.PoolIdleMs / SweepsPerIdleTime));
        _sweeper = options.Time.CreateTimer(static state => ((ConnectionPool)state!).CloseIdle(), this, period, period);
    }

    private sealed class Entry
    {
        public PeerConnection? Connection;
        public Task<PeerConnection>? Attempt;
        public int Failures;
        public long FailedAt;
        public TimeSpan BackOff;
        public MegatorrentException? LastFailure;
    }

    /// <summary>What is known about the peers that were asked for, in no order.</summary>
    public IReadOnlyList<PeerFigures> Figures => _health.All;

    /// <summary>What is known about a peer; kept apart from its connections, which come and go.</summary>
    /// <param name="endpoint">"host:port".</param>
    public PeerHealth HealthOf(string endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return _health.Of(endpoint);
    }

    /// <summary>The connection with a peer, made if there is none.</summary>
    /// <param name="endpoint">"host:port".</param>
    /// <param name="expected">Who must answer; null when any node of the cluster will do.</param>
    /// <param name="cancellationToken">Ends the wait; the attempt goes on for the others.</param>
    /// <returns>An open connection. It is shared: the pool disposes it.</returns>
    /// <exception cref="MegatorrentException">
    /// <see cref="ErrorKind.Unreachable"/>: nobody answers, or a failure was so recent that the peer is left alone for now (the text has
    /// that failure). <see cref="ErrorKind.Unauthorized"/>: another identity than expected, or the session was or lately had been
    /// refused. Others as <see cref="PeerConnection.ConnectAsync(ITransport, string, SessionOptions, NodeId?, CancellationToken,
    /// IPeerHandler?)"/> says.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public async ValueTask<PeerConnection> GetAsync(string endpoint, NodeId? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        cancellationToken.ThrowIfCancellationRequested();
        PeerConnection? connection = null;
        Task<PeerConnection>? attempt = null;
        TaskCompletionSource<PeerConnection>? ours = null;
        Entry? entry;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            if (!_entries.TryGetValue(endpoint, out entry))
                _entries.Add(endpoint, entry = new Entry());
            if (entry.Connection is { IsOpen: true } open)
            {
                connection = open;
            }
            else if (entry.Attempt is not null)
            {
                attempt = entry.Attempt;
            }
            else
            {
                ThrowIfBackingOff(endpoint, entry);
                ours = new TaskCompletionSource<PeerConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
                attempt = entry.Attempt = ours.Task;
            }
        }
        if (ours is not null)
            _ = ConnectAsync(endpoint, entry, ours);
        connection ??= await attempt!.OrCanceledAsync(cancellationToken);
        if (expected is { } id && connection.Remote.Id != id)
        {
            throw new MegatorrentException(ErrorKind.Unauthorized,
                $"{endpoint}: {connection.Remote.Id.ToShortString()} answers there, where {id.ToShortString()} was expected.");
        }
        return connection;
    }

    /// <summary>
    /// Closes the connection with a peer, if there is one, and forgets its failures, so that the next caller tries at once. An attempt
    /// under way goes on.
    /// </summary>
    public void Forget(string endpoint)
    {
        PeerConnection? connection;
        lock (_gate)
        {
            if (!_entries.TryGetValue(endpoint, out Entry? entry))
                return;
            connection = entry.Connection;
            entry.Connection = null;
            entry.Failures = 0;
            entry.LastFailure = null;
            if (entry.Attempt is null)
                _entries.Remove(endpoint);
        }
        connection?.Close();
    }

    /// <summary>Ends the time for which a peer is left alone after failed attempts: the next caller tries at once.</summary>
    public void Retry(string endpoint)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(endpoint, out Entry? entry))
                entry.BackOff = TimeSpan.Zero; // the next failure is left alone for longer, as if this time had passed
        }
    }

    /// <summary>Closes every connection; attempts under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        Entry[] entries;
        lock (_gate)
        {
            if (_disposing.IsCancellationRequested)
                return;
            _disposing.Cancel();
            entries = [.. _entries.Values];
            _entries.Clear();
        }
        await _sweeper.DisposeAsync();
        foreach (Entry entry in entries)
        {
            try
            {
                if (entry.Attempt is { } attempt)
                    await attempt;
            }
            catch (Exception exception) when (exception is MegatorrentException or ObjectDisposedException)
            {
                // Told to those who wait for it.
            }
            if (entry.Connection is { } connection)
                await connection.DisposeAsync();
        }
        _keys.Dispose();
    }

    private void ThrowIfBackingOff(string endpoint, Entry entry)
    {
        if (entry.LastFailure is not { } failure)
            return;
        TimeSpan left = entry.BackOff - _options.Time.GetElapsedTime(entry.FailedAt);
        if (left <= TimeSpan.Zero)
            return;
        ErrorKind kind = failure.Kind == ErrorKind.Unauthorized ? ErrorKind.Unauthorized : ErrorKind.Unreachable;
        throw new MegatorrentException(kind,
            $"{endpoint} is left alone for another {left.TotalSeconds:0.0} s after {entry.Failures} failed attempt(s); "
            + $"the last: {failure.Message}",
            failure);
    }

    private async Task ConnectAsync(string endpoint, Entry entry, TaskCompletionSource<PeerConnection> result)
    {
        try
        {
            PeerConnection connection = await PeerConnection.ConnectAsync(
                _transport, endpoint, _options, _keys, null, _handler, _disposing.Token);
            connection.Observe(_health.Of(endpoint), _options.Time);
            lock (_gate)
            {
                entry.Attempt = null;
                entry.Connection = connection;
                entry.Failures = 0;
                entry.LastFailure = null;
            }
            result.SetResult(connection);
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                entry.Attempt = null;
                if (exception is MegatorrentException failure)
                    BackOff(entry, failure);
            }
            result.SetException(exception is OperationCanceledException ? new ObjectDisposedException(nameof(ConnectionPool)) : exception);
            _ = result.Task.Exception; // nobody may be waiting any more
        }
    }

    private void BackOff(Entry entry, MegatorrentException failure)
    {
        double wholeMs = Math.Min(MaxBackOffMs, FirstBackOffMs * Math.Pow(2, Math.Min(entry.Failures, 30)));
        entry.Failures++;
        entry.BackOff = TimeSpan.FromMilliseconds(wholeMs * (1 - _options.Random.NextDouble() / 2));
        entry.FailedAt = _options.Time.GetTimestamp();
        entry.LastFailure = failure;
    }

    private void CloseIdle()
    {
        var idle = new List<PeerConnection>();
        lock (_gate)
        {
            foreach (var (endpoint, entry) in _entries)
            {
                if (entry.Attempt is not null)
                    continue;
                if (entry.Connection is { } connection)
                {
                    bool isIdle = connection.RequestsUnderWay == 0
                        && _options.Time.GetElapsedTime(connection.LastUsed).TotalMilliseconds >= _options.PoolIdleMs;
                    if (connection.IsOpen && !isIdle)
                        continue;
                    idle.Add(connection);
                    _entries.Remove(endpoint); // allowed while enumerating
                }
                else if (_options.Time.GetElapsedTime(entry.FailedAt).TotalMilliseconds >= _options.PoolIdleMs)
                {
                    _entries.Remove(endpoint); // an address that failed long ago and that nobody has asked for since
                }
            }
        }
        foreach (PeerConnection connection in idle)
            connection.Close();
    }
}
