using System.Net.Sockets;
using Megatorrent.Core;
using Megatorrent.Network.Uring.Kernel;

namespace Megatorrent.Network.Uring;

/// <summary>One TCP connection that a <see cref="RingLoop"/> drives.</summary>
internal sealed class UringConnection : ITransportConnection
{
    private readonly ReceiveSide _receiver;
    private readonly SendSide _sender;

    public UringConnection(RingLoop loop, SocketDescriptor socket, string remoteEndpoint)
    {
        Loop = loop;
        Socket = socket;
        RemoteEndpoint = remoteEndpoint;
        _receiver = new ReceiveSide(this);
        _sender = new SendSide(this);
        socket.SetNoDelay();
    }

    public string RemoteEndpoint { get; }

    /// <summary>What drives it.</summary>
    public RingLoop Loop { get; }

    /// <summary>The socket, which both sides hold while the ring has something to do on it.</summary>
    public SocketDescriptor Socket { get; }

    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        _receiver.ReadAsync(destination, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken) =>
        _sender.WriteAsync(source, cancellationToken);

    public void CompleteWriting() => Socket.ShutdownSending();

    // Both sides let go of the socket before it is closed, and its number is free when the ring has let go as well.
    public void Abort()
    {
        _receiver.Abort();
        _sender.Abort();
        Socket.ShutdownBothWays();
        Socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Abort();
        return ValueTask.CompletedTask;
    }

    /// <summary>What a read or a write ends with.</summary>
    /// <param name="errno">Why: an error number, <see cref="Errno.BadDescriptor"/> for a connection that this side has aborted.</param>
    public MegatorrentException Lost(int errno)
    {
        SocketException? cause = errno == Errno.BadDescriptor ? null : Errno.ToException(errno);
        string why = cause is null ? "it was closed on this side." : TcpTransport.Describe(cause);
        return new MegatorrentException(ErrorKind.Unreachable, $"The connection with {RemoteEndpoint} was lost: {why}", cause);
    }
}
