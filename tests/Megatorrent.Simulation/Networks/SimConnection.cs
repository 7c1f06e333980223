using Megatorrent.Network;

namespace Megatorrent.Simulation.Networks;

/// <summary>One side of a connection.</summary>
internal sealed class SimConnection(SimHost host, string remoteEndpoint, SimPipe incoming, SimPipe outgoing) : ITransportConnection
{
    public string RemoteEndpoint { get; } = remoteEndpoint;

    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        incoming.ReadAsync(destination, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken) =>
        outgoing.WriteAsync(source, cancellationToken);

    public void CompleteWriting() => outgoing.Complete();

    public void Abort()
    {
        host.Connections.Remove(this);
        incoming.AbortReading();
        outgoing.Reset();
    }

    public ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }
}
