namespace Megatorrent.Network.Memory;

/// <summary>One side of a <see cref="MemoryLink"/>.</summary>
internal sealed class MemoryConnection(string remoteEndpoint, MemoryPipe incoming, MemoryPipe outgoing) : ITransportConnection
{
    public string RemoteEndpoint { get; } = remoteEndpoint;

    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        incoming.ReadAsync(destination, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken) =>
        outgoing.WriteAsync(source, cancellationToken);

    public void CompleteWriting() => outgoing.Complete();

    public void Abort()
    {
        incoming.AbortReading();
        outgoing.Cut();
    }

    public ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }
}
