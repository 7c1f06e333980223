using System.Globalization;
using Megatorrent.Core;

namespace Megatorrent.Network.Memory;

/// <summary>
/// A network inside one process, for tests and simulations: as deterministic as its <see cref="TimeProvider"/> and the scheduler that its
/// callers run on. Endpoints are any "host:port"; listening on port 0 takes the next free port from 10000 on. <see cref="Connected"/> sees
/// every new link and may delay, pause, corrupt or cut it.
/// </summary>
public sealed class MemoryTransport : ITransport
{
    private const int FirstPort = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemoryListener> _listeners = [];
    private readonly MemoryTransportOptions _options;
    private int _nextPort = FirstPort;
    private int _nextConnector = FirstPort;

    /// <summary>Creates an empty network.</summary>
    public MemoryTransport(MemoryTransportOptions? options = null) => _options = options ?? new MemoryTransportOptions();

    /// <summary>Called with every link before either side sees it, on the connecting side's scheduler.</summary>
    public Action<MemoryLink>? Connected { get; set; }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        EndpointText.Parse(endpoint);
        MemoryListener? listener;
        string connector;
        lock (_gate)
        {
            _listeners.TryGetValue(endpoint, out listener);
            connector = string.Create(CultureInfo.InvariantCulture, $"connector:{_nextConnector++}");
        }
        if (listener is null)
            throw Refused(endpoint);
        var link = new MemoryLink(connector, endpoint, _options);
        Connected?.Invoke(link);
        return listener.TryOffer(link.Accepting) ? new ValueTask<ITransportConnection>(link.Connecting) : throw Refused(endpoint);
    }

    /// <inheritdoc/>
    public ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (host, port) = EndpointText.Parse(endpoint);
        lock (_gate)
        {
            if (port == 0)
            {
                do
                {
                    endpoint = string.Create(CultureInfo.InvariantCulture, $"{host}:{_nextPort++}");
                }
                while (_listeners.ContainsKey(endpoint));
            }
            var listener = new MemoryListener(this, endpoint);
            if (!_listeners.TryAdd(endpoint, listener))
                throw new MegatorrentException(ErrorKind.InvalidArgument, $"Cannot listen on {endpoint}: address already in use.");
            return new ValueTask<ITransportListener>(listener);
        }
    }

    internal void Remove(MemoryListener listener)
    {
        lock (_gate)
            _listeners.Remove(listener.Endpoint);
    }

    private static MegatorrentException Refused(string endpoint) =>
        new(ErrorKind.Unreachable, $"Cannot connect to {endpoint}: connection refused; is a node running there?");
}
