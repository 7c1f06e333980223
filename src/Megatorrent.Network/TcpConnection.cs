using System.Net.Sockets;
using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>One TCP connection.</summary>
internal sealed class TcpConnection : ITransportConnection
{
    private readonly Socket _socket;

    public TcpConnection(Socket socket, string remoteEndpoint)
    {
        socket.NoDelay = true;
        _socket = socket;
        RemoteEndpoint = remoteEndpoint;
    }

    public string RemoteEndpoint { get; }

    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(destination, SocketFlags.None, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw Lost(exception);
        }
        catch (ObjectDisposedException exception)
        {
            throw Lost(exception);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        try
        {
            while (!source.IsEmpty)
                source = source[await _socket.SendAsync(source, SocketFlags.None, cancellationToken)..];
        }
        catch (SocketException exception)
        {
            throw Lost(exception);
        }
        catch (ObjectDisposedException exception)
        {
            throw Lost(exception);
        }
    }

    public void CompleteWriting()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The connection is gone already, which ends the stream as well.
        }
        catch (ObjectDisposedException)
        {
            // Likewise.
        }
    }

    public void Abort() => _socket.Dispose();

    public ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }

    private MegatorrentException Lost(Exception exception) => new(ErrorKind.Unreachable,
        $"The connection with {RemoteEndpoint} was lost: "
        + (exception is SocketException socket ? TcpTransport.Describe(socket) : "it was closed on this side."), exception);
}
