using Megatorrent.Core;
using Megatorrent.Core.Crypto;
using Megatorrent.Core.Hashing;
using Megatorrent.Core.Wire;
using Megatorrent.Network;

namespace Megatorrent.Bench.Transport;

/// <summary>
/// Sessions with a node, whose blob is fetched: authenticated and encrypted, as in the product. Whoever fetches does not verify it.
/// </summary>
internal sealed class SessionAnswers : IAnswering
{
    private readonly List<Identity> _identities = [];
    private readonly List<PeerConnection> _connections = [];
    private readonly Load _load;
    private readonly byte[] _blob;
    private readonly BlobId _id;
    private readonly byte[][] _buffers;
    private PeerServer? _server;

    private SessionAnswers(Load load)
    {
        _load = load;
        _blob = AnswerBytes.Make(load.AnswerLength);
        _id = BlobId.Of(_blob);
        _buffers = [.. Enumerable.Range(0, load.Connections * load.Depth).Select(_ => new byte[load.AnswerLength])];
    }

    public static async Task<IAnswering> OpenAsync(ITransport transport, Load load)
    {
        var opened = new SessionAnswers(load);
        using var cluster = SigningKey.Generate(SystemRandomSource.Instance);
        opened._server = await PeerServer.StartAsync(
            transport, "127.0.0.1:0", opened.Options(cluster, Role.Node), new BlobHandler(opened._id, opened._blob), default);
        SessionOptions options = opened.Options(cluster, Role.Reader);
        for (int i = 0; i < load.Connections; i++)
            opened._connections.Add(await PeerConnection.ConnectAsync(transport, opened._server.Endpoint, options, null, default));
        return opened;
    }

    public async Task CheckAsync()
    {
        foreach (PeerConnection connection in _connections)
        {
            Array.Clear(_buffers[0]);
            await connection.GetAsync(_id, 0, _buffers[0], default);
            if (!_buffers[0].AsSpan().SequenceEqual(_blob))
                throw new InvalidOperationException("a session changed the bytes that it carried.");
        }
    }

    public async Task<long> AskAsync(int connection, Func<bool> mayGoOn)
    {
        long[] counts = await Task.WhenAll(Enumerable.Range(connection * _load.Depth, _load.Depth).Select(async i =>
        {
            long answers = 0;
            do
            {
                await _connections[connection].GetAsync(_id, 0, _buffers[i], default);
                answers++;
            }
            while (mayGoOn());
            return answers;
        }));
        return counts.Sum();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PeerConnection connection in _connections)
            await connection.DisposeAsync();
        await _server!.DisposeAsync();
        foreach (Identity identity in _identities)
            identity.Dispose();
    }

    private SessionOptions Options(SigningKey cluster, Role role)
    {
        var identity = Identity.Generate(SystemRandomSource.Instance);
        _identities.Add(identity);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return new SessionOptions
        {
            Identity = identity,
            Certificate = Certificate.IssueByCluster(cluster, identity.PublicKey, role, now.AddDays(-1), now.AddDays(1)),
            ClusterKey = cluster.PublicKey.ToArray(),
        };
    }
}
