namespace Megatorrent.Network.Tests.Support;

/// <summary>Cuts every connection that it makes after a number of bytes read.</summary>
internal sealed class CuttingTransport(ITransport inner, int bytes) : ITransport
{
    public async ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken) =>
        new Connection(await inner.ConnectAsync(endpoint, cancellationToken), bytes);

    public ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken) =>
        inner.ListenAsync(endpoint, cancellationToken);

    private sealed class Connection(ITransportConnection inner, int left) : ITransportConnection
    {
        private int _left = left;

        public string RemoteEndpoint => inner.RemoteEndpoint;

        public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
        {
            if (_left == 0)
                inner.Abort();
            int count = await inner.ReadAsync(destination[..Math.Min(destination.Length, Math.Max(_left, 1))], cancellationToken);
            _left -= count;
            return count;
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken) => inner.WriteAsync(source, cancellationToken);

        public void CompleteWriting() => inner.CompleteWriting();

        public void Abort() => inner.Abort();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
