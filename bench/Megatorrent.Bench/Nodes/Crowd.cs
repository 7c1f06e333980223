using System.Diagnostics;
using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Bench.Nodes;

/// <summary>Clients, each with an identity and a reader's certificate of its own, that are connected to one node and idle.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int ConnectsAtOnce = 16;
    private static readonly TimeSpan BetweenPings = TimeSpan.FromMilliseconds(10);

    private readonly Identity[] _identities;
    private readonly PeerConnection[] _connections;

    private Crowd(int count)
    {
        _identities = new Identity[count];
        _connections = new PeerConnection[count];
    }

    /// <summary>How many connections are open.</summary>
    public int OpenCount => _connections.Count(static connection => connection.IsOpen);

    /// <summary>Opens a session each.</summary>
    /// <param name="endpoint">The node's.</param>
    /// <param name="cluster">The key that makes them members.</param>
    /// <param name="count">How many.</param>
    /// <param name="idleTimeoutMs">The silence that ends a session; a ping goes after a third of it. Null: the default.</param>
    public static async Task<Crowd> OpenAsync(string endpoint, SigningKey cluster, int count, int? idleTimeoutMs)
    {
        var crowd = new Crowd(count);
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, ConnectsAtOnce).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
            {
                Identity identity = crowd._identities[i] = Identity.Generate(SystemRandomSource.Instance);
                var options = new SessionOptions
                {
                    Identity = identity,
                    Certificate = NodeHost.Certify(cluster, identity, Role.Reader),
                    ClusterKey = cluster.PublicKey.ToArray(),
                };
                options = options with { IdleTimeoutMs = idleTimeoutMs ?? options.IdleTimeoutMs };
                crowd._connections[i] =
                    await PeerConnection.ConnectAsync(TcpTransport.Instance, endpoint, options, expected: null, CancellationToken.None);
            }
        })));
        return crowd;
    }

    /// <summary>Pings over one of the connections, one ping after the other with a pause between.</summary>
    /// <returns>The milliseconds that each took.</returns>
    public async Task<List<double>> PingAsync(TimeSpan duration)
    {
        var times = new List<double>();
        PeerConnection one = _connections[^1];
        long begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < duration)
        {
            long start = Stopwatch.GetTimestamp();
            await one.PingAsync(CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(BetweenPings);
        }

        return times;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PeerConnection connection in _connections)
            await connection.DisposeAsync();
        foreach (Identity identity in _identities)
            identity.Dispose();
    }
}
