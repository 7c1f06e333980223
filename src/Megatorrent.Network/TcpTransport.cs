using System.Net;
using System.Net.Sockets;
using Megatorrent.Core;

namespace Megatorrent.Network;

/// <summary>
/// Connections over TCP. Names are looked up by the system's resolver, and each address is tried in turn. Nagle's delay is off, because
/// the session batches its own writes; socket buffers stay at the system's automatic size, because setting one turns that off.
/// </summary>
public sealed class TcpTransport : ITransport
{
    internal const int Backlog = 512;

    /// <summary>The one instance; it has no state.</summary>
    public static TcpTransport Instance { get; } = new();

    private TcpTransport()
    {
    }

    /// <inheritdoc/>
    public string Name => "portable";

    /// <inheritdoc/>
    public async ValueTask<ITransportConnection> ConnectAsync(string endpoint, CancellationToken cancellationToken)
    {
        var (host, port) = EndpointText.Parse(endpoint);
        if (port == 0)
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"'{endpoint}' has port 0, which nobody can connect to.");
        SocketException? last = null;
        foreach (IPAddress address in await ResolveAsync(host, cancellationToken))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new TcpConnection(socket, endpoint);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                last = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw new MegatorrentException(ErrorKind.Unreachable, $"Cannot connect to {endpoint}: {Describe(last!)}", last);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportListener> ListenAsync(string endpoint, CancellationToken cancellationToken)
    {
        var (host, port) = EndpointText.Parse(endpoint, allowAny: true);
        IPAddress address = host == EndpointText.AnyHost ? IPAddress.Any : (await ResolveAsync(host, cancellationToken))[0];
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return new TcpListenerSocket(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new MegatorrentException(ErrorKind.InvalidArgument, $"Cannot listen on {endpoint}: {Describe(exception)}", exception);
        }
    }

    internal static string Describe(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused; is a node running there?",
        SocketError.TimedOut => "no answer before the system gave up; is the machine on, and does a firewall let the port through?",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "the network has no way to that machine.",
        SocketError.AddressAlreadyInUse => "address already in use; another program listens there, choose another port.",
        SocketError.AddressNotAvailable => "the address is not one of this machine's.",
        SocketError.AccessDenied => "permission denied; ports below 1024 usually need an administrator.",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "the connection was cut.",
        SocketError.TooManyOpenSockets => "too many open files; raise the limit of the process.",
        _ => exception.Message,
    };

    internal static async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
            return [literal];
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            if (addresses.Length > 0)
                return addresses;
        }
        catch (SocketException exception)
        {
            throw new MegatorrentException(ErrorKind.Unreachable, $"The name '{host}' cannot be looked up: {exception.Message}", exception);
        }
        throw new MegatorrentException(ErrorKind.Unreachable, $"The name '{host}' has no address.");
    }
}
