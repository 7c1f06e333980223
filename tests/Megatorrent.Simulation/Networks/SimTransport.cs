using Megatorrent.Network;

namespace Megatorrent.Simulation.Networks;

/// <summary>The network as one machine sees it.</summary>
internal sealed class SimTransport(SimNetwork network, SimHost host) : ITransport
{
    public ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken) =>
        network.ConnectAsync(host, endpoint, cancellationToken);

    public ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken) =>
        ValueTask.FromResult(network.Listen(host, endpoint));
}
