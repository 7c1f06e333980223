using System.Net.Sockets;
using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>A listening TCP socket.</summary>
internal sealed class TcpListenerSocket(Socket socket) : ITransportListener
{
    private volatile bool _disposed;

    public string Endpoint { get; } = EndpointText.Format(socket.LocalEndPoint);

    public async ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken)
    {
        Socket? accepted = null;
        try
        {
            accepted = await socket.AcceptAsync(cancellationToken);
            return new TcpConnection(accepted, EndpointText.Format(accepted.RemoteEndPoint));
        }
        catch (SocketException exception)
        {
            accepted?.Dispose(); // it may be gone by the time it is asked for its peer
            ObjectDisposedException.ThrowIf(_disposed, this);
            throw new MegatorrentException(ErrorKind.Unreachable,
                $"{Endpoint} could not accept a connection: {TcpTransport.Describe(exception)}", exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
